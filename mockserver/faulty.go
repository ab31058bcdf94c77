package mockserver

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/webhook/fault"
	"github.com/idmock/idmock/scenarios"
)

// countKey is where it stands how often a scenario's fault has played for a subject. It goes with the account.
func countKey(account, source string) string { return "fault/" + account + keyEnd + source }

// asked returns those of a rule's faults that play this time. source is the rule's place and whom it is about: their
// times are counted for each subject apart.
func (s *step) asked(ctx context.Context, faults []scenarios.Fault, where, source string) ([]scenarios.Fault, error) {
	var play []scenarios.Fault
	for i, f := range faults {
		limits := fault.LimitsOf(f, where)
		if !s.drawn(f.Name, limits.Probability) {
			continue
		}
		ok, err := s.count(ctx, source+" "+strconv.Itoa(i), limits.Times)
		if err != nil {
			return nil, err
		}
		if ok {
			play = append(play, f)
		}
	}
	return play, nil
}

// drawn draws whether something of a probability happens. A certain one takes no draw, so that a fault that always plays
// changes no name that the account makes afterwards.
func (s *step) drawn(what string, probability float64) bool {
	if probability >= 1 {
		return true
	}
	draw := fake.Seed(s.account.seed, "draw", what, s.account.name36("f"))
	return float64(draw>>11)/(1<<53) < probability
}

// count counts one more playing of what may play so many times, and reports whether it still may. 0 is without limit.
func (s *step) count(ctx context.Context, source string, times int) (bool, error) {
	if times == 0 {
		return true, nil
	}
	key := countKey(s.account.name, source)
	if slices.ContainsFunc(s.change.Docs, func(d store.Doc) bool { return d.Key == key }) {
		return true, nil // counted already in this step
	}
	doc, err := s.engine.store.Get(ctx, key)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return false, err
	}
	played, _ := strconv.Atoi(string(doc.Data)) // 0 where there is no document
	if played >= times {
		return false, nil
	}
	s.change.Docs = append(s.change.Docs, store.Doc{Key: key, Rev: doc.Rev, Data: strconv.AppendInt(nil, int64(played)+1, 10), Done: true})
	return true, nil
}

// faultNames are the names for the journal.
func faultNames(faults []scenarios.Fault) []string {
	var names []string
	for _, f := range faults {
		if !slices.Contains(names, f.Name) {
			names = append(names, f.Name)
		}
	}
	return names
}
