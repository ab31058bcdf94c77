package suite

import (
	"errors"
	"time"
)

// Storm is a provider's queue after an outage: many events in a short time, each about another subject, so that a lost
// one is noticed.
type Storm struct {
	Events int    `yaml:"events"`
	Within string `yaml:"within"`  // the time in which they are sent; 0s: all at once
	PutOff bool   `yaml:"put_off"` // the receiver may defer them, with 429 or 503 and Retry-After
	// Restart restarts the application as soon as all are acknowledged.
	Restart bool `yaml:"restart"`
}

func (s *Storm) validate() error {
	if s.Events < 1 {
		return errors.New("storm: events must be at least 1")
	}
	_, err := time.ParseDuration(s.Within)
	return err
}
