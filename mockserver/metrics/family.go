package metrics

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The types of metrics that there are here.
const (
	counter   = "counter"
	gauge     = "gauge"
	histogram = "histogram"
)

// family is a metric with all of its labels.
type family struct {
	name, kind, help string
	labels           []string
	series           map[string]*series // by labels, as they are written
}

// series is one combination of labels.
type series struct {
	n       float64
	sum     float64   // of a histogram, in seconds
	buckets []float64 // of a histogram: how many were at most as long as each bound
}

// of returns the series of these labels' values.
func (f *family) of(values ...string) *series {
	var b strings.Builder
	for i, value := range values {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(f.labels[i] + `="` + escape.Replace(value) + `"`)
	}
	s := f.series[b.String()]
	if s == nil {
		s = &series{}
		if f.kind == histogram {
			s.buckets = make([]float64, len(bounds))
		}
		f.series[b.String()] = s
	}
	return s
}

var escape = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

func (s *series) observe(d time.Duration) {
	s.n++
	s.sum += d.Seconds()
	for i, bound := range bounds {
		if d.Seconds() <= bound {
			s.buckets[i]++
		}
	}
}

// append writes the family; one that has counted nothing is left out.
func (f *family) append(dst []byte) []byte {
	if len(f.series) == 0 {
		return dst
	}
	dst = head(dst, f.name, f.kind, f.help)
	for _, labels := range slices.Sorted(maps.Keys(f.series)) {
		s := f.series[labels]
		if f.kind != histogram {
			dst = line(dst, f.name, labels, s.n)
			continue
		}
		for i, bound := range bounds {
			le := `le="` + number(bound) + `"`
			if labels != "" {
				le = labels + "," + le
			}
			dst = line(dst, f.name+"_bucket", le, s.buckets[i])
		}
		dst = line(dst, f.name+"_sum", labels, s.sum)
		dst = line(dst, f.name+"_count", labels, s.n)
	}
	return dst
}

// single writes a family of one series, whose labels are written with their braces.
func single(dst []byte, name, kind, help, labels string, v float64) []byte {
	dst = head(dst, "idmock_"+name, kind, help)
	return line(dst, "idmock_"+name, strings.Trim(labels, "{}"), v)
}

func head(dst []byte, name, kind, help string) []byte {
	return fmt.Appendf(dst, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}

func line(dst []byte, name, labels string, v float64) []byte {
	dst = append(dst, name...)
	if labels != "" {
		dst = append(append(append(dst, '{'), labels...), '}')
	}
	return append(append(append(dst, ' '), number(v)...), '\n')
}

func number(v float64) string {
	if v > 1e300 {
		return "+Inf"
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}
