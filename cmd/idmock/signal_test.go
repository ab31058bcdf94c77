package main

import (
	"os"
	"syscall"
	"testing"

	"github.com/idmock/idmock/internal/testenv"
)

// On a signal, serve completes deliveries in progress and exits with 0.
func TestSignalDrains(t *testing.T) {
	url, events, answer := holding(t, "127.0.0.1:0")
	serve := beside(t, nil, "idmock", "serve", "--addr", "127.0.0.1:0")
	base := serve.must(t, `^ready (\S+)$`)[1]
	testWebhook(t, base, url)
	next(t, events)
	if err := serve.signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	serve.must(t, "msg=draining")
	answer()
	serve.must(t, "msg=delivery .*outcome=ok")
	serve.must(t, "msg=drained")
	if code, err := serve.code(); err != nil || code != 0 {
		t.Errorf("exit code %d (%v), want 0", code, err)
	}
}

// A second signal exits at once, with the exit code of a program killed by it.
func TestSecondSignalKills(t *testing.T) {
	testenv.Long(t)
	for sig, want := range map[syscall.Signal]int{syscall.SIGTERM: 143, syscall.SIGINT: 130} {
		t.Run(sig.String(), func(t *testing.T) {
			url, events, _ := holding(t, "127.0.0.1:0")
			serve := beside(t, nil, "idmock", "serve", "--addr", "127.0.0.1:0", "--drain-timeout", "1h")
			testWebhook(t, serve.must(t, `^ready (\S+)$`)[1], url)
			next(t, events)
			for range 2 {
				if err := serve.signal(sig); err != nil {
					t.Fatal(err)
				}
				serve.must(t, "msg=draining")
			}
			if code, err := serve.code(); err != nil || code != want {
				t.Errorf("exit code %d (%v), want %d", code, err, want)
			}
		})
	}
}

// Deliveries that do not end within the drain timeout are canceled and reported.
func TestDrainIsBounded(t *testing.T) {
	url, events, _ := holding(t, "127.0.0.1:0")
	serve := beside(t, nil, "idmock", "serve", "--addr", "127.0.0.1:0", "--drain-timeout", "50ms")
	testWebhook(t, serve.must(t, `^ready (\S+)$`)[1], url)
	next(t, events)
	if err := serve.signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	serve.must(t, "^idmock: drain: deliveries were cut off: .*: allow more time with --drain-timeout$")
	if code, err := serve.code(); err != nil || code != exitFailed {
		t.Errorf("exit code %d (%v), want %d", code, err, exitFailed)
	}
}

// An interrupted play prints the summary so far, without a verdict.
func TestPlayIsInterrupted(t *testing.T) {
	testenv.Long(t)
	url, _, _ := holding(t, "127.0.0.1:0")
	play := beside(t, nil, "idmock", "play", "../../openapi/identitypass/scenarios/pending-then-confirmed.yaml", "--to", url)
	play.must(t, "next step in 30s$")
	if err := play.signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	play.must(t, "^0 of 0 webhooks delivered in 0 attempts, 0 of 0 expectations met$")
	play.must(t, "^idmock: interrupted before the scenario ended")
	if code, err := play.code(); err != nil || code != exitUntested {
		t.Errorf("exit code %d (%v), want %d", code, err, exitUntested)
	}
}
