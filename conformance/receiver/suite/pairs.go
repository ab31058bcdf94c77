package suite

import (
	"fmt"
	"time"
)

// Pairs are two events about one subject that arrive in the wrong order: the newer one first. Each combination of the roles
// has a subject of its own.
type Pairs struct {
	Newer Words  `yaml:"newer"` // roles of the event that happened last and arrives first
	Older Words  `yaml:"older"`
	Then  string `yaml:"then"`  // the state in the end, which the newer event decides: granted or withheld
	Apart string `yaml:"apart"` // how much older the older one is; default: an hour
	// InOrder makes the older one arrive first.
	InOrder bool `yaml:"in_order"`
}

// DefaultApart is how much older the older event of a pair is.
const DefaultApart = time.Hour

// Distance is how much older the older event is.
func (p *Pairs) Distance() time.Duration {
	if d, err := time.ParseDuration(p.Apart); err == nil {
		return d
	}
	return DefaultApart
}

func (p *Pairs) validate() error {
	if p.Apart == "" {
		return nil
	}
	_, err := time.ParseDuration(p.Apart)
	if err != nil {
		return fmt.Errorf("pairs: %w", err)
	}
	return nil
}
