package delivery

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/clock"
	"github.com/idmock/idmock/mockserver/run"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/tx"
	"github.com/idmock/idmock/mockserver/webhook/fault"
)

// planner plans deliveries of one account and reads the jobs back.
type planner struct {
	t       *testing.T
	service *Service
	account *account.Account
}

func newPlanner(t *testing.T) *planner {
	t.Helper()
	s := store.NewMemory(store.Retention{})
	accounts, err := account.New(t.Context(), account.Config{Store: s, NewClock: func() *clock.Clock { return clock.NewFrozen(now) }})
	if err != nil {
		t.Fatal(err)
	}
	a, err := accounts.Open(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	return &planner{t, &Service{Config: Config{Store: s, Accounts: accounts}}, a}
}

// in runs do in a unit of work.
func (p *planner) in(do func(work *tx.Tx) error) {
	p.t.Helper()
	work := p.account.Begin(p.account.Now())
	if err := do(work); err != nil {
		p.t.Fatal(err)
	}
	if err := work.Commit(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
}

// plan plans a delivery that is due after a time, kept back if held is not zero.
func (p *planner) plan(id string, after time.Duration, held fault.Held) {
	p.t.Helper()
	d := Delivery{ID: id, Endpoint: "e", Run: &run.Run{}, Due: now.Add(after)}
	p.in(func(work *tx.Tx) error {
		if held != (fault.Held{}) {
			return p.service.buffer(p.t.Context(), work, p.account, d, held)
		}
		if err := p.service.planOne(work, d); err != nil {
			return err
		}
		return p.service.overtake(p.t.Context(), work, p.account, d)
	})
}

// order lists the deliveries in the order of their jobs, each with its time after now.
func (p *planner) order() string {
	p.t.Helper()
	var all []string
	for {
		jobs, err := p.service.Store.Claim(p.t.Context(), "a", now.Add(24*time.Hour), 100, time.Minute)
		if err != nil {
			p.t.Fatal(err)
		}
		if len(jobs) == 0 {
			return strings.Join(all, " ")
		}
		for _, job := range jobs {
			work, err := tx.Decode(job)
			if err != nil {
				p.t.Fatal(err)
			}
			all = append(all, fmt.Sprintf("%s+%v", work.Attempt.Delivery, job.Due.Sub(now)))
			p.in(func(work *tx.Tx) error { work.EndJob(job.ID); return nil })
		}
	}
}

func TestReorderBufferPast(t *testing.T) {
	p := newPlanner(t)
	p.plan("d1", 0, fault.Held{Past: 2, Within: time.Hour})
	p.plan("d2", time.Second, fault.Held{})
	p.plan("d3", 2*time.Second, fault.Held{})
	p.plan("d4", 3*time.Second, fault.Held{})
	if got := p.order(); got != "d2+1s d3+2s d1+2s d4+3s" {
		t.Errorf("order: %s", got)
	}
}

func TestReorderBufferEndsInTime(t *testing.T) {
	p := newPlanner(t)
	p.plan("d1", 0, fault.Held{Past: 2, Within: time.Hour})
	p.plan("d2", time.Second, fault.Held{})
	if got := p.order(); got != "d2+1s d1+1h0m0s" {
		t.Errorf("order: %s", got)
	}
}

func TestReorderBufferGathers(t *testing.T) {
	p := newPlanner(t)
	burst := fault.Held{Gather: 3, Within: time.Minute}
	for i, id := range []string{"d1", "d2", "d3", "d4"} {
		p.plan(id, time.Duration(i)*time.Second, burst)
	}
	if got := p.order(); got != "d1+2s d2+2s d3+2s d4+1m3s" {
		t.Errorf("order: %s", got)
	}
}

// A delivery that was not overtaken leaves the buffer before its attempt; one that was has another job.
func TestLeaveBuffer(t *testing.T) {
	p := newPlanner(t)
	leave := func(id string) bool {
		t.Helper()
		d, err := read(t.Context(), p.service.Store, "a", id)
		if err != nil {
			t.Fatal(err)
		}
		mine, err := p.service.leaveBuffer(t.Context(), p.account, d)
		if err != nil {
			t.Fatal(err)
		}
		return mine
	}
	p.plan("d1", 0, fault.Held{Past: 1, Within: time.Hour})
	if !leave("d1") || leave("d1") {
		t.Error("a delivery leaves the buffer once")
	}
	p.plan("d2", 0, fault.Held{Past: 1, Within: time.Hour})
	p.plan("d3", 0, fault.Held{})
	if leave("d2") {
		t.Error("an overtaken delivery is still in the buffer")
	}
}

// bind plans attempts in a unit of work for the request r1: those named before come before its response.
func bind(t *testing.T, p *planner, r *Responses, before ...string) (work *tx.Tx, response *Response, wait bool) {
	t.Helper()
	work = p.account.Begin(now)
	work.Request = "r1"
	work.AddJob(tx.Job{ID: "after", Due: now, Work: tx.Work{Attempt: &tx.Attempt{Delivery: "after"}}})
	for _, job := range before {
		work.AddJob(tx.Job{ID: job, Due: now, Work: tx.Work{Attempt: &tx.Attempt{Delivery: job, Before: "r1"}}})
	}
	response, wait = r.Bind(work)
	return work, response, wait
}

func TestAttemptsAfterTheResponse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r Responses
		_, response, wait := bind(t, newPlanner(t), &r)
		if wait {
			t.Error("the response waits for an attempt that comes after it")
		}
		if err := response.Wait(t.Context()); err != nil {
			t.Error(err)
		}
		began := make(chan struct{})
		go func() {
			r.WaitSent(t.Context(), tx.Attempt{After: "r1"})
			close(began)
		}()
		synctest.Wait()
		select {
		case <-began:
			t.Error("the attempt began before the response")
		default:
		}
		response.Sent()
		response.Sent()
		<-began
		r.WaitSent(t.Context(), tx.Attempt{After: "r1"})      // it is out
		r.WaitSent(t.Context(), tx.Attempt{After: "unknown"}) // its process has ended
		r.WaitSent(t.Context(), tx.Attempt{})
	})
}

func TestAttemptsBeforeTheResponse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r Responses
		_, response, wait := bind(t, newPlanner(t), &r, "b1", "b2")
		if !wait {
			t.Error("the response does not wait")
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := response.Wait(ctx); err != context.DeadlineExceeded {
			t.Errorf("wait without attempts: %v", err)
		}
		ready := make(chan error, 1)
		go func() { ready <- response.Wait(t.Context()) }()
		for _, job := range []string{"other", "b1", "b1", "after"} {
			r.Attempted(job)
		}
		synctest.Wait()
		select {
		case err := <-ready:
			t.Errorf("ready after one of two attempts: %v", err)
		default:
		}
		r.Attempted("b2")
		if err := <-ready; err != nil {
			t.Error(err)
		}
		response.Sent()
	})
}

// A unit of work that fails has no response to wait for.
func TestResponseOfFailedWork(t *testing.T) {
	p := newPlanner(t)
	var r Responses
	work, response, _ := bind(t, p, &r, "b1")
	if err := p.service.Accounts.Reset(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if err := work.Commit(t.Context()); err == nil {
		t.Fatal("commit after a reset: no error")
	}
	if err := response.Wait(t.Context()); err != nil {
		t.Error(err)
	}
	r.WaitSent(t.Context(), tx.Attempt{After: "r1"})
	if response, wait := r.Bind(p.account.Begin(now)); response != nil || wait {
		t.Errorf("work without attempts: %v, %t", response, wait)
	}
}
