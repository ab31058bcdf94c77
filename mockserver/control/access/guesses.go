package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"sync"
	"time"
)

const (
	// guessBurst wrong tokens are compared at once for one address, and then one in guessEvery.
	guessBurst = 10
	guessEvery = 5 * time.Second
	// guessDelay is added to the response to a wrong token.
	guessDelay = 300 * time.Millisecond
	// maxAddresses bounds the addresses that are remembered; the one that guessed the longest ago is forgotten.
	maxAddresses = 4096
	maxKnown     = 16
)

// guesses limits wrong tokens. An address that has none left is refused before its candidate is compared, so that many
// connections guess no faster than one. The same wrong token again is not another guess: a script with an old token does not
// lock out its neighbours.
type guesses struct {
	key [32]byte // hashes of wrong tokens mean nothing outside the process

	mu   sync.Mutex
	from map[string]*guesser
}

type guesser struct {
	left  float64
	last  time.Time
	known [][32]byte
}

func newGuesses() *guesses {
	g := &guesses{from: map[string]*guesser{}}
	rand.Read(g.key[:]) //nolint:errcheck // never fails
	return g
}

// refused returns the seconds until another candidate of an address is compared; 0: it may be now.
func (g *guesses) refused(address, candidate string) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	a := g.from[address]
	if a == nil || g.knows(a, candidate) {
		return 0
	}
	if a.refill(); a.left >= 1 {
		return 0
	}
	return 1 + int((1-a.left)*guessEvery.Seconds())
}

// wrong notes a wrong candidate. It reports whether it is a new one.
func (g *guesses) wrong(address, candidate string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	a := g.from[address]
	if a == nil {
		g.makeRoom()
		a = &guesser{left: guessBurst, last: time.Now()}
		g.from[address] = a
	}
	if g.knows(a, candidate) {
		return false
	}
	a.refill()
	a.left--
	if len(a.known) == maxKnown {
		a.known = a.known[1:]
	}
	a.known = append(a.known, g.hash(candidate))
	return true
}

func (a *guesser) refill() {
	now := time.Now()
	a.left = min(guessBurst, a.left+now.Sub(a.last).Seconds()/guessEvery.Seconds())
	a.last = now
}

func (g *guesses) makeRoom() {
	if len(g.from) < maxAddresses {
		return
	}
	var oldest string
	for name, a := range g.from {
		if oldest == "" || a.last.Before(g.from[oldest].last) {
			oldest = name
		}
	}
	delete(g.from, oldest)
}

func (g *guesses) hash(candidate string) [32]byte {
	return sha256.Sum256(append(g.key[:], candidate...))
}

func (g *guesses) knows(a *guesser, candidate string) bool {
	h := g.hash(candidate)
	for _, known := range a.known {
		if known == h {
			return true
		}
	}
	return false
}

// delay waits before a wrong token is answered.
func (g *guesses) delay(ctx context.Context) {
	timer := time.NewTimer(guessDelay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
