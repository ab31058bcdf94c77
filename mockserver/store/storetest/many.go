package storetest

import (
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing/synctest"
	"time"

	"github.com/idmock/idmock/mockserver/store"
)

var manyTests = []test{
	{"concurrent counting", countTogether},
	{"concurrent workers", workTogether},
	{"concurrent followers", followTogether},
}

// countTogether increments one document from many goroutines: no increment is lost, and each has its entry.
func countTogether(k *kit) {
	const workers, each = 16, 100
	k.commit(store.Change{Docs: []store.Doc{doc("n", 0, "0")}})
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for added := 0; added < each; {
				d, err := k.Get(k.Context(), "n")
				if err != nil {
					k.Error(err)
					return
				}
				n, _ := strconv.Atoi(string(d.Data))
				d.Data = []byte(strconv.Itoa(n + 1))
				switch _, err := k.Commit(k.Context(), store.Change{Docs: []store.Doc{d}, Entries: []store.Entry{entry("x", d.Key+string(d.Data))}}); {
				case err == nil:
					added++
				case !errors.Is(err, store.ErrConflict):
					k.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	k.has("n", workers*each+1, strconv.Itoa(workers*each))
	for i, e := range k.read("x", 0, workers*each+1) {
		if want := "n" + strconv.Itoa(i+1); e.Seq != uint64(i+1) || e.Kind != want {
			k.Fatalf("entry %d is %d %s, want %s: journal and document differ", i, e.Seq, e.Kind, want)
		}
	}
}

// workTogether lets many workers claim jobs of some accounts: each job is done once, in order within a lane.
func workTogether(k *kit) {
	const workers, lanes, each = 16, 4, 60
	accounts := []string{"x", "y", "z"}
	var producers, all sync.WaitGroup
	for _, account := range accounts {
		producers.Go(func() {
			for i := range each {
				var c store.Change
				for lane := range lanes {
					c.Jobs = append(c.Jobs, job(fmt.Sprint(account, "/", lane, "/", i), account, strconv.Itoa(lane), i))
				}
				c.Jobs = append(c.Jobs, job(fmt.Sprint(account, "/free/", i), account, "", i))
				k.commit(c)
			}
		})
	}
	producers.Wait() // before the workers start, or a late job could legitimately break a lane's order
	for worker := range workers {
		all.Go(func() {
			account := accounts[worker%len(accounts)]
			for k.stats().Jobs > 0 {
				jobs, err := k.Claim(k.Context(), account, at(forever), 3, time.Hour)
				if err != nil {
					k.Error(err)
					return
				}
				if len(jobs) == 0 {
					time.Sleep(time.Nanosecond) // bubble time: yields to other workers
				}
				for _, j := range jobs {
					k.commit(store.Change{Done: []string{j.ID}, Entries: []store.Entry{{Account: account, Kind: j.Lane, Data: j.Payload}}})
				}
			}
		})
	}
	all.Wait()
	seen := map[string]int{}
	for _, e := range k.read("", 0, 10_000) {
		lane := e.Account + "/" + e.Kind
		want := fmt.Sprint("payload of ", e.Account, "/", e.Kind, "/", seen[lane])
		if e.Kind != "" && string(e.Data) != want {
			k.Errorf("done: %s, want %s", e.Data, want)
		}
		seen[lane]++
	}
	for _, account := range accounts {
		for lane := range lanes {
			k.same("jobs done in a lane", each, seen[account+"/"+strconv.Itoa(lane)])
		}
		k.same("jobs done without a lane", each, seen[account+"/"])
	}
}

// followTogether follows all accounts and single ones while many goroutines write: no entry is lost, duplicated or reordered.
func followTogether(k *kit) {
	const writers, each = 8, 200
	accounts := []string{"x", "y"}
	followers := map[string]*follower{"": k.follow("", 0), "x": k.follow("x", 0), "y": k.follow("y", 0)}
	var all sync.WaitGroup
	for writer := range writers {
		all.Go(func() {
			for range each {
				k.commit(store.Change{Entries: []store.Entry{entry(accounts[writer%2], "a"), entry(accounts[writer%2], "b")}})
			}
		})
	}
	all.Wait()
	synctest.Wait()
	for account, f := range followers {
		want := kinds(k.read(account, 0, 2*writers*each+1))
		k.same("followed by "+account, want, f.got)
		f.cancel()
		<-f.ended
	}
}
