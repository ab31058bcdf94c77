package receiver

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"time"

	"github.com/idmock/idmock/conformance/receiver/evidence"
	"github.com/idmock/idmock/conformance/receiver/handshake"
	"github.com/idmock/idmock/conformance/receiver/outcome"
	"github.com/idmock/idmock/conformance/receiver/profile"
	"github.com/idmock/idmock/conformance/receiver/suite"
	"github.com/idmock/idmock/conformance/receiver/wire"
	"github.com/idmock/idmock/internal/fake"
)

// reachableTimeout is how long a restarted application may take until it is reachable.
const reachableTimeout = 30 * time.Second

// handshake performs the handshake by which the provider proves the address.
func (s *session) handshake(ctx context.Context, name string) outcome.Outcome {
	token := fake.UUID(s.profile.Options.Seed, s.profile.Options.Nonce, s.check.ID, name)
	got := s.exchange(ctx, handshake.Request(name, s.profile, s.wire, token), &suite.Variant{Shot: &suite.Shot{}, Note: name})
	return handshake.Evaluate(name, s.profile, got, token)
}

// tls performs a TLS handshake: chain as a careful provider does, or old with TLS 1.1 at most.
func (s *session) tls(ctx context.Context, how string) outcome.Outcome {
	switch how {
	case "chain":
		c, err := s.wire.Dial(ctx, nil)
		if err != nil {
			return outcome.Wrong("a trusted certificate for this name, neither expired nor future, and TLS 1.2 or newer", "%s", wire.Distrust(err))
		}
		c.Close()
		return outcome.Fine
	case "old":
		c, err := s.wire.Dial(ctx, &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11})
		if err != nil {
			return outcome.Fine // refused; an unreachable receiver fails the canary
		}
		c.Close()
		return outcome.Wrong("TLS 1.0 and 1.1 to be refused", "a successful handshake")
	}
	return outcome.Failed(fmt.Errorf("unknown TLS handshake %q", how))
}

// begin makes the application start a verification. The response to its request is held until the step end.
func (s *session) begin(ctx context.Context, who *evidence.Person) outcome.Outcome {
	if !s.target.Start.IsSet() {
		return outcome.Untestable("no hook makes the application start a verification: set --start")
	}
	subject, begun := s.api.SubjectOf(who), s.api.HoldStart(who)
	failed := make(chan error, 1)
	s.side.Go(func() {
		if _, err := s.target.Start.Call(ctx, http.MethodPost, subject); err != nil {
			failed <- err
		}
	})
	select {
	case reference := <-begun:
		s.api.Rename(who, reference)
		return outcome.Fine
	case err := <-failed:
		return outcome.Untestable("the application failed to start a verification: %v", err)
	case <-ctx.Done():
		return outcome.Untestable("stopped while the application started a verification")
	case <-time.After(s.target.Settle):
		return outcome.Untestable("the application did not request %s for the subject after its start hook", s.profile.Events.Start.Operation)
	}
}

// restart restarts the application and waits until it is reachable.
func (s *session) restart(ctx context.Context) outcome.Outcome {
	if !s.target.Restart.IsSet() {
		return outcome.Untestable("no hook restarts the application: set --restart")
	}
	if _, err := s.target.Restart.Call(ctx, http.MethodPost, &profile.Subject{}); err != nil {
		return outcome.Untestable("the application could not be restarted: %v", err)
	}
	client := cmp.Or(s.client, http.DefaultClient)
	client.CloseIdleConnections() // the old process has closed its ends
	deadline := time.Now().Add(reachableTimeout)
	for {
		c, err := s.wire.Dial(ctx, nil)
		if err == nil {
			c.Close()
			return s.awaitProbe(ctx, deadline)
		}
		if time.Now().After(deadline) || ctx.Err() != nil {
			return outcome.Wrong("the receiver to be reachable after a restart", "%v after %v", err, reachableTimeout)
		}
		wire.Pause(evidence.Tick)
	}
}

// awaitProbe waits until the probe answers again after a restart.
func (s *session) awaitProbe(ctx context.Context, deadline time.Time) outcome.Outcome {
	who, err := s.person(ctx, "")
	if err != nil {
		return outcome.Failed(err)
	}
	for s.target.Probe.IsSet() && ctx.Err() == nil {
		_, err := s.target.Probe.Look(ctx, s.api.SubjectOf(who))
		if err == nil {
			break
		}
		if time.Now().After(deadline) {
			return outcome.Untestable("the probe does not answer after a restart: %v", err)
		}
		wire.Pause(evidence.Tick)
	}
	return outcome.Fine
}
