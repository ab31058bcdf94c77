package receiver

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/idmock/idmock/conformance/receiver/outcome"
	"github.com/idmock/idmock/conformance/receiver/suite"
	"github.com/idmock/idmock/openapi"
)

// each labels the subjects of all variants of a shot together.
const each = "each"

// variants returns the variants of a shot for this provider: a family of roles becomes its members, and with each, every
// variant has a label of its own.
func (s *session) variants(shot *suite.Shot) []*suite.Variant {
	own := *shot
	own.Role = rolesOf(s, shot.Role)
	all := own.Variants()
	for n, v := range all {
		if shot.Each {
			v.Label = fmt.Sprintf("%s %d", shot.Subject, n)
		}
	}
	return all
}

// rolesOf replaces families of roles by their members.
func rolesOf(s *session, words suite.Words) (roles suite.Words) {
	for _, role := range words {
		if !suite.Family(role) {
			roles = append(roles, role)
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(s.profile.Events.Roles)) {
			if strings.HasPrefix(name, role+" ") || role == openapi.Neutral && s.profile.Events.Roles[name].Neutral {
				roles = append(roles, name)
			}
		}
	}
	return roles
}

// ofEach performs a step for the subjects of all variants, concurrently.
func (s *session) ofEach(ctx context.Context, step *suite.Step) outcome.Outcome {
	outcomes := make([]outcome.Outcome, len(s.each))
	var running sync.WaitGroup
	for i, label := range s.each {
		own := *step
		own.Of = label
		running.Go(func() { outcomes[i] = s.do(ctx, &own) })
	}
	running.Wait()
	return outcome.First(outcomes, "otherwise")
}
