package sqlstore

import "time"

// OpenDeaf opens a shared database without notifications, looking for changes after each poll.
func OpenDeaf(c Config, poll time.Duration) (*Store, error) {
	db, d, err := connectTo(c.URL)
	if err != nil {
		return nil, err
	}
	s, err := newStore(db, d, c)
	if err != nil {
		return nil, err
	}
	s.deaf, s.poll = true, poll
	s.run()
	return s, nil
}
