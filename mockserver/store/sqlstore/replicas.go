package sqlstore

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/idmock/idmock/mockserver/store"
)

// polling is how often a process looks for changes by others, in case a notification is lost or the database has none, and for
// leases that ended.
const polling = 250 * time.Millisecond

// fetched is how many entries of other processes are read at once. If there are more, the cache of the journal's end starts anew.
const fetched = 1000

// everyone means all accounts in a notification.
const everyone = "*"

// maxPayload is below the limit of a notification, 8,000 bytes.
const maxPayload = 7000

// peers notifies other processes of changes, and receives theirs.
type peers struct{ *Store }

// IsShared reports whether other processes may use the database.
func (s *Store) IsShared() bool {
	_, ok := s.db.(*postgres)
	return ok
}

// background runs a function until the store closes.
func (s *Store) background(run func(context.Context)) {
	ctx, cancel := context.WithCancel(context.Background())
	s.running.Go(func() {
		<-s.closed
		cancel()
	})
	s.running.Go(func() { run(ctx) })
}

// announce adds the statement that notifies other processes of a transaction.
func (s peers) announce(all *statements, v *view, before int64) {
	if !s.IsShared() || v.head == before && len(v.woken) == 0 {
		return
	}
	all.add("SELECT pg_notify($1::text, $2::text)", s.channel, s.payload(v))
}

// payload describes a transaction: the process, the journal's head, and the accounts with changed jobs.
func (s peers) payload(v *view) string {
	var b strings.Builder
	b.WriteString(s.id + " " + strconv.FormatInt(v.head, 10))
	seen := map[string]bool{}
	for _, w := range v.woken {
		if seen[w.account] {
			continue
		}
		seen[w.account] = true
		name := strconv.QuoteToASCII(w.account)
		if b.Len()+len(name) > maxPayload {
			return s.id + " " + strconv.FormatInt(v.head, 10) + " " + everyone
		}
		b.WriteString(" " + name)
	}
	return b.String()
}

// notified reads a payload.
func (s peers) notified(ctx context.Context, payload string) {
	from, rest, _ := strings.Cut(payload, " ")
	if from == s.id {
		return
	}
	number, rest, _ := strings.Cut(rest, " ")
	head, err := strconv.ParseUint(number, 10, 64)
	if err != nil {
		return
	}
	if rest == everyone {
		_ = s.wakeAll(ctx)
		rest = ""
	}
	for rest != "" {
		quoted, err := strconv.QuotedPrefix(rest)
		if err != nil {
			break
		}
		if name, err := strconv.Unquote(quoted); err == nil {
			s.wake.changedElsewhere(name)
		}
		rest = strings.TrimPrefix(rest[len(quoted):], " ")
	}
	_ = s.catchUp(ctx, head)
}

// wakeAll notes all accounts with jobs.
func (s peers) wakeAll(ctx context.Context) error {
	return s.read(ctx, query("SELECT account FROM idmock_accounts WHERE pending > 0", func(scan func(...any) error) error {
		var name []byte
		if err := scan(&name); err != nil {
			return err
		}
		s.wake.changedElsewhere(string(name))
		return nil
	}))
}

// catchUp reads the entries of other processes up to a Seq into the cache, and notes their accounts.
func (s peers) catchUp(ctx context.Context, head uint64) error {
	known := s.tail.position()
	if head <= known {
		return nil
	}
	entries, err := s.Read(ctx, "", known, fetched)
	if err != nil || len(entries) == 0 {
		return err
	}
	if entries[0].Kind == store.KindGap || len(entries) == fetched {
		s.tail.reset(head)
		return s.wakeAll(ctx)
	}
	for i := range entries {
		s.wake.changedElsewhere(entries[i].Account)
	}
	s.tail.append(entries)
	return nil
}

// watch looks for changes by other processes until ctx ends.
func (s peers) watch(ctx context.Context) {
	ticker := time.NewTicker(s.poll)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		var n state
		err := s.read(ctx, query("SELECT "+stateColumns+" FROM idmock_state WHERE id = 1", n.scan))
		if err == nil {
			err = s.catchUp(ctx, uint64(n.head))
		}
		if err == nil {
			err = s.expire(ctx)
		}
		if err != nil && ctx.Err() == nil {
			s.log.Debug("store: looking for changes failed", "error", err)
		}
	}
}

// listen takes notifications until ctx ends. Without them, and while the connection is lost, watch finds the changes.
func (s peers) listen(ctx context.Context) {
	for ctx.Err() == nil && !s.deaf {
		if err := s.listenOnce(ctx); err != nil && ctx.Err() == nil {
			s.log.Debug("store: no notifications", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

func (s peers) listenOnce(ctx context.Context) error {
	conn, err := pgx.ConnectConfig(ctx, s.db.(*postgres).pool.Config().ConnConfig)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "LISTEN "+pgx.Identifier{s.channel}.Sanitize()); err != nil {
		return err
	}
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		s.notified(ctx, n.Payload)
	}
}
