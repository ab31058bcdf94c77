package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"sync"
	"time"

	"github.com/idmock/idmock/mockserver/store"
)

// sessionLife is how long a session lasts.
const sessionLife = 12 * time.Hour

// sessionPartition begins the keys of sessions. A key has the hash of a session: the store's contents cannot be used to log in.
const sessionPartition = "\x00session" + store.KeySeparator // no account has this name

// Store is the part of a store that sessions need.
type Store interface {
	Get(ctx context.Context, key string) (store.Doc, error)
	List(ctx context.Context, prefix, after string, limit int) ([]store.Doc, error)
	Commit(ctx context.Context, c store.Change) (uint64, error)
}

// sessions are the logins of the page.
type sessions struct {
	store Store

	mu   sync.Mutex
	live map[string]map[*context.CancelFunc]struct{} // requests by key of their session: they end with it
}

func newSessions(s Store) *sessions {
	if s == nil {
		s = store.NewMemory(store.Retention{})
	}
	return &sessions{store: s, live: map[string]map[*context.CancelFunc]struct{}{}}
}

func sessionKey(session string) string {
	sum := sha256.Sum256([]byte(session))
	return sessionPartition + hex.EncodeToString(sum[:])
}

// begin starts a session and returns the secret that the cookie holds. It deletes the expired ones.
func (s *sessions) begin(ctx context.Context) (string, error) {
	session := rand.Text() + rand.Text()
	c := store.Change{Docs: []store.Doc{{Key: sessionKey(session), Data: []byte(time.Now().Add(sessionLife).UTC().Format(time.RFC3339))}}}
	if _, err := s.store.Commit(ctx, c); err != nil {
		return "", err
	}
	all, err := s.store.List(ctx, sessionPartition, "", maxSessions+1)
	if err != nil {
		return session, nil // expired sessions are refused all the same
	}
	for i, d := range all {
		if expired(d) || i >= maxSessions && d.Key != sessionKey(session) {
			s.remove(ctx, d)
		}
	}
	return session, nil
}

// maxSessions bounds the sessions that are stored. Only who knows the token can start one.
const maxSessions = 1000

func expired(d store.Doc) bool {
	end, err := time.Parse(time.RFC3339, string(d.Data))
	return err != nil || time.Now().After(end)
}

// enter reports whether a session is valid. The context ends with the session; done must be called when the request ends.
func (s *sessions) enter(ctx context.Context, session string) (_ context.Context, done func(), ok bool) {
	key := sessionKey(session)
	d, err := s.store.Get(ctx, key)
	if err != nil || expired(d) {
		return nil, nil, false
	}
	ctx, cancel := context.WithCancel(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.live[key] == nil {
		s.live[key] = map[*context.CancelFunc]struct{}{}
	}
	s.live[key][&cancel] = struct{}{}
	return ctx, func() {
		cancel()
		s.mu.Lock()
		defer s.mu.Unlock()
		if delete(s.live[key], &cancel); len(s.live[key]) == 0 {
			delete(s.live, key)
		}
	}, true
}

// end ends a session and the requests that it made.
func (s *sessions) end(ctx context.Context, session string) {
	key := sessionKey(session)
	if d, err := s.store.Get(ctx, key); err == nil {
		s.remove(ctx, d)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for cancel := range s.live[key] {
		(*cancel)()
	}
}

func (s *sessions) remove(ctx context.Context, d store.Doc) {
	_, err := s.store.Commit(ctx, store.Change{Docs: []store.Doc{{Key: d.Key, Rev: d.Rev}}})
	if errors.Is(err, store.ErrConflict) { // another request removed it
		return
	}
}
