package sqlstore

import (
	"context"
	"fmt"
	"time"
)

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

// LimitPages has a file take no more than a number of pages, or as many as can be with 0. Beyond it, the library fails as on a full disk.
func (s *Store) LimitPages(n int) error {
	d := s.db.(*sqlite)
	d.writing.Lock()
	defer d.writing.Unlock()
	if n == 0 {
		n = 1 << 30
	}
	_, err := d.conn.ExecContext(context.Background(), fmt.Sprintf("PRAGMA max_page_count = %d", n))
	return err
}
