package mockserver

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/scenarios"
)

// armed is a scenario chosen in advance. How many of its calls have come stands in a document of its own: a call writes
// that, and not the settings, which grow with what is armed.
type armed struct {
	ID       int    `json:"id"` // counts what was armed for the account
	Provider string `json:"provider"`
	Scenario string `json:"scenario"`
	Subject  string `json:"subject,omitempty"` // only for this subject
	Calls    int    `json:"calls,omitempty"`   // for so many; 0: until a reset
}

// armedKey is where it stands how many calls have come of an armed scenario; for 0, what all such keys begin with.
func armedKey(account string, id int) string {
	key := "armed/" + account + keyEnd
	if id == 0 {
		return key
	}
	return key + strconv.Itoa(id)
}

// arms finds what is armed, however much that is: by provider and subject, and there by scenario.
type arms map[whom][]*queued

type whom struct{ provider, subject string }

// queued is one scenario armed several times over for the same calls: they are used up in order.
type queued struct {
	scenario string
	all      []armed
	first    atomic.Int64 // those before it are used up
}

func newArms(all []armed) arms {
	if len(all) == 0 {
		return nil
	}
	made := arms{}
	for _, one := range all {
		key := whom{one.Provider, one.Subject}
		i := slices.IndexFunc(made[key], func(l *queued) bool { return l.scenario == one.Scenario })
		if i < 0 {
			i = len(made[key])
			made[key] = append(made[key], &queued{scenario: one.Scenario})
		}
		made[key][i].all = append(made[key][i].all, one)
	}
	return made
}

// next returns the first of them that is not used up, with the document that counts its calls; not ok if none is left.
func (l *queued) next(ctx context.Context, s store.Store, account string) (one armed, count store.Doc, ok bool, err error) {
	for {
		i := l.first.Load()
		if i >= int64(len(l.all)) {
			return armed{}, store.Doc{}, false, nil
		}
		if one = l.all[i]; one.Calls == 0 {
			return one, store.Doc{}, true, nil
		}
		if count, err = s.Get(ctx, armedKey(account, one.ID)); err != nil && !errors.Is(err, store.ErrNotFound) {
			return armed{}, store.Doc{}, false, err
		}
		if played(count) < one.Calls {
			return one, count, true, nil
		}
		l.first.CompareAndSwap(i, i+1)
	}
}

// played is how many calls a document counts; 0 for one that is not there.
func played(count store.Doc) int {
	n, _ := strconv.Atoi(string(count.Data))
	return n
}

// armedFor returns what was armed first, for an account itself or else for everybody, of what is for this subject and is
// taken. The document is what counts its calls; its key is empty where they are not counted.
func (e *Engine) armedFor(ctx context.Context, owners [2]*account, library *scenarios.Library, who whom, takes func(*scenarios.Machine) bool) (*scenarios.Machine, store.Doc, error) {
	for _, owner := range owners {
		set, err := e.settingsOf(ctx, owner)
		if err != nil {
			return nil, store.Doc{}, err
		}
		var found *scenarios.Machine
		var best armed
		var count store.Doc
		lines := set.arms[who]
		if who.subject != "" {
			lines = slices.Concat(lines, set.arms[whom{who.provider, ""}])
		}
		for _, l := range lines {
			m, err := library.Machine(l.scenario)
			if err != nil {
				return nil, store.Doc{}, err
			}
			if !takes(m) {
				continue
			}
			one, counted, ok, err := l.next(ctx, e.store, owner.name)
			if err != nil {
				return nil, store.Doc{}, err
			}
			if ok && (found == nil || one.ID < best.ID) {
				found, best, count = m, one, counted
				if count.Key = ""; one.Calls > 0 {
					count.Key = armedKey(owner.name, one.ID)
				}
			}
		}
		if found != nil {
			return found, count, nil
		}
	}
	return nil, store.Doc{}, nil
}

// Arm makes calls to come play a scenario.
func (e *Engine) Arm(ctx context.Context, want control.ArmRequest) error {
	if _, _, err := e.find(ctx, want.Account, want.Provider, want.Scenario); err != nil {
		return err
	}
	a, err := e.account(ctx, want.Account)
	if err != nil {
		return err
	}
	told := journal.New(a.name, a.clock.Now(), time.Now(),
		journal.Armed{Scenario: want.Scenario, Provider: want.Provider, Remaining: want.Calls, Subject: want.Subject})
	for {
		have, err := e.settingsOf(ctx, a)
		if err != nil {
			return err
		}
		next := have.clone()
		change := store.Change{Entries: []store.Entry{told}}
		if next.Armed, change.Docs, err = e.unused(ctx, a, next.Armed); err != nil {
			return err
		}
		next.Arms++
		next.Armed = append(next.Armed, armed{next.Arms, want.Provider, want.Scenario, want.Subject, want.Calls})
		doc, err := next.doc(a.name)
		if err != nil {
			return err
		}
		change.Docs = append(change.Docs, doc)
		if _, err = e.store.Commit(ctx, change); !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
}

// unused returns what is not used up, and the counts of the rest, which retention may drop: not at once, as a call may be
// under way that has the settings as they were.
func (e *Engine) unused(ctx context.Context, a *account, all []armed) (left []armed, gone []store.Doc, err error) {
	for _, one := range all {
		if one.Calls > 0 {
			count, err := e.store.Get(ctx, armedKey(a.name, one.ID))
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return nil, nil, err
			}
			if played(count) >= one.Calls {
				count.Done = true
				gone = append(gone, count)
				continue
			}
		}
		left = append(left, one)
	}
	return left, gone, nil
}
