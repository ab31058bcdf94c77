package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/idmock/idmock/mockserver/store"
)

func (k *kit) jobs(jobs ...store.Job) {
	k.Helper()
	k.commit(store.Change{Jobs: jobs})
}

func (k *kit) done(ids ...string) {
	k.Helper()
	k.commit(store.Change{Done: ids})
}

// value is a payload that is not encoded yet.
type value string

func (v value) Encode() ([]byte, error) { return []byte("encoded " + string(v)), nil }

var claimTests = []test{
	{"returns the committed job", func(k *kit) {
		want := store.Job{ID: "j", Account: "x", Lane: "l", Due: epoch.Add(123456789), Payload: []byte("p")}
		k.jobs(want)
		k.same("jobs", []store.Job{want}, k.claim("x", 1, 1, "j"))
	}},
	{"keeps a value or encodes it", func(k *kit) {
		k.jobs(store.Job{ID: "j", Account: "x", Due: at(0), Value: value("v")})
		for _, j := range k.claim("x", 0, 1, "j") {
			payload, err := j.Bytes()
			k.same("error", nil, err)
			k.same("payload", "encoded v", string(payload))
		}
	}},
	{"ordered by due, then insertion", func(k *kit) {
		k.jobs(job("c", "x", "", 3), job("a2", "x", "", 1), job("b", "x", "", 2))
		k.jobs(job("a3", "x", "", 1), job("a1", "x", "", 0), job("a4", "x", "lane", 1))
		k.claim("x", 3, 100, "a1", "a2", "a3", "a4", "b", "c")
	}},
	{"only due jobs, up to the limit", func(k *kit) {
		k.jobs(job("a", "x", "", 1), job("b", "x", "", 2), job("c", "x", "", 3))
		k.claim("x", 0, 10)
		k.claim("x", 3, 0)
		k.claim("x", 3, 1, "a")
		k.claim("x", 2, 10, "b")
		k.claim("x", 2, 10)
		k.next("x", 3)
	}},
	{"accounts are separate", func(k *kit) {
		k.jobs(job("a", "x", "l", 1), job("b", "y", "l", 1), job("c", "", "l", 1))
		k.claim("z", forever, 10)
		k.claim("x", forever, 10, "a")
		k.claim("", forever, 10, "c") // a name like any other
		k.claim("y", forever, 10, "b")
	}},
	{"one job per lane at a time", func(k *kit) {
		k.jobs(job("a1", "x", "a", 1), job("a2", "x", "a", 1), job("b1", "x", "b", 2), job("a3", "x", "a", 3), job("n1", "x", "", 4), job("n2", "x", "", 4))
		k.claim("x", forever, 10, "a1", "b1", "n1", "n2")
		k.next("x", -1)
		k.done("b1")
		k.next("x", -1)
		k.done("a1")
		k.next("x", 1)
		k.claim("x", forever, 10, "a2")
		k.done("a2", "n1")
		k.claim("x", forever, 10, "a3")
	}},
	{"an earlier job moves to the front of its lane", func(k *kit) {
		k.jobs(job("late", "x", "l", 5), job("later", "x", "l", 6))
		k.next("x", 5)
		k.jobs(job("early", "x", "l", 2))
		k.next("x", 2)
		k.claim("x", forever, 10, "early")
		k.jobs(job("first", "x", "l", 1))
		k.claim("x", forever, 10)
		k.done("early")
		k.claim("x", forever, 10, "first")
		k.done("first")
		k.claim("x", forever, 10, "late")
	}},
	{"done without a claim", func(k *kit) {
		k.jobs(job("a", "x", "l", 1), job("b", "x", "l", 2), job("c", "x", "l", 3), job("d", "x", "", 4), job("e", "x", "", 5))
		k.done("a", "d")
		k.next("x", 2)
		k.claim("x", forever, 10, "b", "e")
		k.done("c") // behind a claimed job
		k.done("b", "e")
		k.next("x", -1)
		k.same("jobs", 0, k.stats().Jobs)
	}},
	{"leases end in wall time", func(k *kit) {
		k.jobs(job("a", "x", "l", 1), job("b", "x", "", 1), job("c", "x", "l", 1))
		k.claim("x", 1, 10, "a", "b")
		time.Sleep(lease - 1)
		k.claim("x", forever, 10)
		k.next("x", -1)
		time.Sleep(time.Nanosecond)
		k.next("x", 1)
		k.claim("x", 1, 10, "a", "b")
		k.done("a") // by the worker with the claim
		k.claim("x", 1, 10, "c")
		time.Sleep(lease)
		k.claim("x", 1, 10, "b", "c")
		k.done("b", "c")
		time.Sleep(10 * lease)
		k.claim("x", forever, 10)
	}},
	{"done after the lease ended", func(k *kit) {
		k.jobs(job("a", "x", "l", 1), job("b", "x", "l", 1))
		k.claim("x", 1, 10, "a")
		time.Sleep(lease)
		k.claim("x", 1, 10, "a")
		k.done("a") // by the slow first worker
		k.conflict(store.Change{Done: []string{"a"}})
		k.claim("x", 1, 10, "b")
		time.Sleep(lease)
		k.claim("x", 1, 10, "b") // a's lease has no effect
	}},
	{"an earlier job is added while a lane's claim expires", func(k *kit) {
		k.jobs(job("b", "x", "l", 5))
		k.claim("x", 5, 1, "b")
		k.jobs(job("a", "x", "l", 1))
		time.Sleep(lease)
		k.next("x", 1)
		k.claim("x", forever, 10, "a")
		k.done("a")
		k.claim("x", forever, 10, "b")
	}},
	{"leases of different length", func(k *kit) {
		k.jobs(job("long", "x", "", 1), job("short", "x", "", 2))
		for _, d := range []time.Duration{time.Hour, time.Second} {
			if _, err := k.Claim(k.Context(), "x", at(2), 1, d); err != nil {
				k.Fatal(err)
			}
		}
		time.Sleep(time.Second)
		k.claim("x", 2, 10, "short")
		time.Sleep(time.Hour)
		k.claim("x", 2, 10, "long", "short")
	}},
	{"a lease is renewed", func(k *kit) {
		k.jobs(job("a", "x", "l", 1), job("b", "x", "l", 2))
		k.claim("x", 1, 1, "a")
		for range 5 {
			time.Sleep(lease / 2)
			if err := k.Renew(k.Context(), "a", lease); err != nil {
				k.Fatal(err)
			}
		}
		k.claim("x", forever, 10)
		time.Sleep(lease)
		if err := k.Renew(k.Context(), "a", lease); !errors.Is(err, store.ErrConflict) {
			k.Errorf("renewing a lease that ended: %v, want ErrConflict", err)
		}
		k.claim("x", 1, 1, "a")
		k.done("a")
		if err := k.Renew(k.Context(), "a", lease); !errors.Is(err, store.ErrConflict) {
			k.Errorf("renewing the lease of a job that is done: %v, want ErrConflict", err)
		}
		k.claim("x", forever, 10, "b")
	}},
	{"agrees with a linear model", linearModel},
}

// linearModel applies random operations to the store and to a list that is searched linearly.
func linearModel(k *kit) {
	rnd := rand.New(rand.NewPCG(1, 2))
	type model struct {
		store.Job
		claimed time.Time // end of the lease
	}
	var list []*model // ordered by insertion
	free := func(p *model) bool { return !p.claimed.After(time.Now()) }
	claimable := func(account string) (out []*model) {
		sorted := slices.Clone(list)
		slices.SortStableFunc(sorted, func(a, b *model) int { return a.Due.Compare(b.Due) })
		taken := map[string]bool{}
		for _, p := range sorted {
			taken[p.Lane] = taken[p.Lane] || p.Lane != "" && p.Account == account && !free(p)
		}
		for _, p := range sorted {
			if p.Account == account && free(p) && !taken[p.Lane] {
				out = append(out, p)
				taken[p.Lane] = p.Lane != ""
			}
		}
		return out
	}
	count := 0
	for range 1000 {
		account := []string{"x", "y"}[rnd.IntN(2)]
		switch rnd.IntN(8) {
		case 0, 1:
			c := store.Change{}
			for range 1 + rnd.IntN(4) {
				count++
				j := job(fmt.Sprint("j", count), account, []string{"", "", "a", "b", "c"}[rnd.IntN(5)], rnd.IntN(20))
				list = append(list, &model{Job: j})
				c.Jobs = append(c.Jobs, j)
			}
			k.commit(c)
		case 2, 3, 4:
			if len(list) > 0 {
				i := rnd.IntN(len(list))
				k.done(list[i].ID)
				list = slices.Delete(list, i, i+1)
			}
		case 5:
			time.Sleep(time.Duration(rnd.IntN(int(lease))))
		default:
			until, limit := rnd.IntN(20), 1+rnd.IntN(4)
			var want []string
			for _, p := range claimable(account) {
				if len(want) < limit && !p.Due.After(at(until)) {
					want = append(want, p.ID)
					p.claimed = time.Now().Add(lease)
				}
			}
			k.claim(account, until, limit, want...)
		}
		next := -1
		if left := claimable(account); len(left) > 0 {
			next = int(left[0].Due.Sub(epoch) / time.Second)
		}
		k.next(account, next)
		if k.Failed() {
			return
		}
	}
}
