package receiver

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/idmock/idmock/internal/fake"
)

// ids makes up the ids of a check's events, the same for the same seed and nonce.
type ids struct {
	profile *Profile
	check   string
	made    map[string]string // by label
}

func newIDs(p *Profile, check string) *ids { return &ids{p, check, map[string]string{}} }

// of returns the id with this label. Without a label, each call returns a new id; n is its number in the step.
func (s *ids) of(label string, n int) string {
	if label == "" {
		label = fmt.Sprintf("%d of %d", n, len(s.made))
	}
	if s.made[label] == "" {
		id := fake.UUID(s.profile.Options.Seed, s.profile.Options.Nonce, s.check, label, strconv.Itoa(len(s.made)))
		s.made[label] = "msg_" + strings.ReplaceAll(id, "-", "")
	}
	return s.made[label]
}

// like returns an id that differs from that of a label as little as form says: upper is the same in upper case; 32 and 64
// are the same in their first characters. The id of that label must be made with form base.
func (s *ids) like(label, form string) string {
	base := s.of(label, 0)
	long := base + strings.Repeat("0", 64-len(base))
	switch form {
	case "upper":
		return strings.ToUpper(base)
	case "tail32":
		return long[:32] + "-" + strconv.Itoa(len(base)) + "b"
	case "tail64":
		return long + "b"
	case "long":
		return long + "a"
	}
	return base
}

// next returns a new id.
func (s *ids) next() string { return s.of("", len(s.made)) }

// number returns an id of digits. All numbers of a check are equal if they are parsed as floats, which have a
// resolution of 128 there.
func (s *ids) number(label string) string {
	key := "number " + label
	if s.made[key] == "" {
		base := 900_000_000_000_000_000 + fake.Seed(s.profile.Options.Seed, s.profile.Options.Nonce, s.check, "number")%90_000_000_000_000_000
		n := 0
		for have := range s.made {
			if strings.HasPrefix(have, "number ") {
				n++
			}
		}
		s.made[key] = strconv.FormatUint(base-base%128+uint64(n), 10)
	}
	return s.made[key]
}
