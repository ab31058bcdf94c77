package sqlstore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/idmock/idmock/mockserver/store"
)

// Config configures a store.
type Config struct {
	// URL names the database: sqlite:PATH, or postgres://USER:PASSWORD@HOST:PORT/DATABASE.
	URL string
	// Retention bounds the rows that are kept.
	Retention store.Retention
	// Logger logs failures in the background. Nil discards everything.
	Logger *slog.Logger
}

// Store is a [store.Store] in a SQL database.
type Store struct {
	keeper
	log      *slog.Logger
	ops      chan *op
	closed   chan struct{}
	isClosed atomic.Bool
	running  sync.WaitGroup
	close    func() error
	wake     wakeups
	tail     tail
	opened   state // counters when the store was opened
	counters counters

	id      string        // of this process among those that share the database
	channel string        // of its notifications
	poll    time.Duration // between two looks for changes by other processes
	deaf    bool          // does without notifications

	anchor   time.Time // when the database's clock showed anchored
	anchored int64
}

var _ store.Store = (*Store)(nil)

// Open opens a database, creates its tables if it has none, and brings them to this version. The error is [ErrSchema] for a
// database of a newer version or of another program.
func Open(_ context.Context, c Config) (*Store, error) {
	db, d, err := connectTo(c.URL)
	if err != nil {
		return nil, err
	}
	return start(db, d, c)
}

// connectTo returns the database of a URL and its dialect.
func connectTo(url string) (database, dialect, error) {
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		db, err := openSQLite(path)
		return db, sqliteDialect, err
	}
	if strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://") {
		db, err := openPostgres(url)
		return db, postgresDialect, err
	}
	return nil, dialect{}, fmt.Errorf("invalid store %q: use memory, sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/DATABASE", url)
}

// start runs a store on an open database, which it closes.
func start(db database, d dialect, c Config) (*Store, error) {
	s, err := newStore(db, d, c)
	if err == nil {
		s.run()
	}
	return s, err
}

// newStore returns a store on an open database, which it closes. It does nothing yet.
func newStore(db database, d dialect, c Config) (*Store, error) {
	s := &Store{keeper: keeper{c.Retention.WithDefaults(), db, d}, log: c.Logger, ops: make(chan *op), closed: make(chan struct{}),
		anchor: time.Now(), anchored: time.Now().UnixNano(), id: rand.Text(), poll: polling}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.close = sync.OnceValue(s.shut)
	if err := s.prepare(); err != nil {
		return nil, errors.Join(db.explain(err), db.close())
	}
	return s, nil
}

// run starts the store's goroutines.
func (s *Store) run() {
	s.running.Go(writer{s}.write)
	if s.IsShared() {
		s.background(peers{s}.watch)
		s.background(peers{s}.listen)
	}
}

// prepare migrates the database and fills the caches.
func (s *Store) prepare() error {
	if err := migrate(s.db, s.dialect); err != nil {
		return err
	}
	ctx := context.Background()
	var all statements
	all.query("SELECT "+stateColumns+" FROM idmock_state WHERE id = 1", s.opened.scan)
	all.query("SELECT account FROM idmock_accounts WHERE pending > 0", func(scan func(...any) error) error {
		var name []byte
		if err := scan(&name); err != nil {
			return err
		}
		s.wake.change(string(name))
		return nil
	})
	if s.IsShared() {
		all.query("SELECT 'idmock_' || current_schema(), (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000000)::bigint", func(scan func(...any) error) error {
			s.anchor = time.Now()
			return scan(&s.channel, &s.anchored)
		})
	}
	if err := s.db.read(ctx, &all); err != nil {
		return err
	}
	s.wake.leased(s.now())
	s.tail.limit = min(tailEntries, s.retention.Entries)
	s.tail.reset(uint64(s.opened.head))
	return s.shrink()
}

// now is the time of the database's clock in nanoseconds, by which leases end on every replica.
func (s *Store) now() int64 { return s.anchored + int64(time.Since(s.anchor)) }

// Close implements store.Store.
func (s *Store) Close() error { return s.close() }

func (s *Store) shut() error {
	s.isClosed.Store(true)
	close(s.closed)
	s.running.Wait()
	return s.db.close()
}

// read runs statements. After Close, the error is store.ErrClosed.
func (s *Store) read(ctx context.Context, all *statements) error {
	if s.isClosed.Load() {
		return store.ErrClosed
	}
	s.counters.reads.Add(1)
	err := s.db.read(ctx, all)
	if err != nil && s.isClosed.Load() {
		return store.ErrClosed
	}
	return s.db.explain(err)
}

// Get implements store.Store.
func (s *Store) Get(ctx context.Context, key string) (store.Doc, error) {
	if doc, ok := ahead(ctx, key); ok && doc == nil {
		return store.Doc{}, store.ErrNotFound
	} else if ok {
		return *doc, nil
	}
	doc, found := store.Doc{Key: key}, false
	err := s.read(ctx, query("SELECT rev, data, CASE WHEN done > 0 THEN 1 ELSE waits END FROM idmock_docs WHERE key = $1", func(scan func(...any) error) error {
		found = true
		return scanDoc(scan, &doc, nil)
	}, text(key)))
	if err == nil && !found {
		err = store.ErrNotFound
	}
	if err != nil {
		return store.Doc{}, err
	}
	return doc, nil
}

func scanDoc(scan func(...any) error, doc *store.Doc, key *[]byte) error {
	var rev, done int64
	into := []any{&rev, &doc.Data, &done}
	if key != nil {
		into = append(into, key)
	}
	if err := scan(into...); err != nil {
		return err
	}
	doc.Rev, doc.Done, doc.Data = uint64(rev), done != 0, stored(doc.Data)
	return nil
}

// List implements store.Store.
func (s *Store) List(ctx context.Context, prefix, after string, limit int) ([]store.Doc, error) {
	var found []store.Doc
	from, end := text(prefix), beyond(prefix)
	comparison := ">="
	if after >= prefix {
		from, comparison = text(after), ">"
	}
	err := s.read(ctx, query("SELECT rev, data, CASE WHEN done > 0 THEN 1 ELSE waits END, key FROM idmock_docs WHERE key "+comparison+" $1 AND key < $2 ORDER BY key LIMIT $3",
		func(scan func(...any) error) error {
			var doc store.Doc
			var key []byte
			if err := scanDoc(scan, &doc, &key); err != nil {
				return err
			}
			doc.Key = string(key)
			if inPartition(doc.Key, prefix) {
				found = append(found, doc)
			}
			return nil
		}, from, end, limit))
	return found, err
}

// beyond returns the first key after all that have a prefix.
func beyond(prefix string) []byte {
	end := text(prefix)
	for i := len(end) - 1; i >= 0; i-- {
		if end[i] < 0xff {
			end[i]++
			return end[:i+1]
		}
	}
	return []byte{0xff, 0xff, 0xff, 0xff} // no key begins so: they are UTF-8
}

// inPartition reports whether a key with a prefix is of the prefix's partition, too.
func inPartition(key, prefix string) bool {
	i, j := strings.Index(key, store.KeySeparator), strings.Index(prefix, store.KeySeparator)
	return i == j
}

// Stats implements store.Store.
func (s *Store) Stats(ctx context.Context) (store.Stats, error) {
	var n state
	if err := s.read(ctx, query("SELECT "+stateColumns+" FROM idmock_state WHERE id = 1", n.scan)); err != nil {
		return store.Stats{}, err
	}
	return store.Stats{
		Head: uint64(n.head), Oldest: uint64(n.oldest), Entries: int(n.entries()), EntryBytes: n.entryBytes,
		Evicted: uint64(n.evicted - s.opened.evicted), Docs: int(n.docs), DoneDocs: int(n.doneDocs), DoneBytes: n.doneBytes,
		DocsEvicted: uint64(n.docsEvicted - s.opened.docsEvicted), Jobs: int(n.jobs), HeldJobs: int(n.heldJobs), LiveBytes: n.liveBytes,
	}, nil
}
