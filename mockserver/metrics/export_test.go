package metrics

import "github.com/prometheus/client_golang/prometheus"

// Describe returns the descriptions of all metrics, also of those without a sample.
func (m *Metrics) Describe() []string {
	out := make(chan *prometheus.Desc)
	go func() {
		m.registry.Describe(out)
		close(out)
	}()
	var all []string
	for d := range out {
		all = append(all, d.String())
	}
	return all
}
