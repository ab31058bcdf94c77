package sqlstore

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/idmock/idmock/mockserver/store"
)

// claimable are an account's jobs that can be claimed at a time: $1 is the account, $2 the time.
const claimable = `account = $1 AND ready = 1 AND lease <= $2 AND (lane = $empty OR NOT EXISTS (
  SELECT 1 FROM idmock_jobs k WHERE k.account = $1 AND k.lane = j.lane AND k.lane <> $empty AND k.hold = $empty AND k.lease > $2))`

const claimJobs = `UPDATE idmock_jobs SET lease = $5, claims = claims + 1 WHERE ord IN (
  SELECT j.ord FROM idmock_jobs j WHERE ` + claimable + ` AND j.due <= $3 ORDER BY j.due, j.ord LIMIT $4)
  RETURNING ord, id, lane, due, keeps, payload, claims`

// Claim implements store.Store. The lease ends by the database's clock.
func (s *Store) Claim(_ context.Context, account string, until time.Time, limit int, lease time.Duration) ([]store.Job, error) {
	if limit <= 0 {
		return nil, nil
	}
	c := &claim{account: account, until: store.Nanos(until), limit: limit, lease: lease}
	if err := (writer{s}).submit(&op{claim: c}); err != nil {
		return nil, err
	}
	return c.jobs, nil
}

type claimedJob struct {
	store.Job
	ord, due int64
}

// add adds the statement that claims.
func (c *claim) add(all *statements, now int64) {
	c.ends, c.jobs = max(later(now, c.lease), 1), nil
	var found []claimedJob
	all.query(claimJobs, func(scan func(...any) error) error {
		j := claimedJob{Job: store.Job{Account: c.account}}
		var id, lane, keeps []byte
		var claims int64
		if err := scan(&j.ord, &id, &lane, &j.due, &keeps, &j.Payload, &claims); err != nil {
			return err
		}
		j.Again = claims > 1
		j.ID, j.Lane, j.Keeps, j.Due = string(id), string(lane), string(keeps), time.Unix(0, j.due).UTC()
		found = append(found, j)
		slices.SortFunc(found, func(a, b claimedJob) int { return cmp.Or(cmp.Compare(a.due, b.due), cmp.Compare(a.ord, b.ord)) })
		c.jobs = c.jobs[:0]
		for _, j := range found {
			c.jobs = append(c.jobs, j.Job)
		}
		return nil
	}, text(c.account), now, c.until, c.limit, c.ends)
}

// Next implements store.Store.
func (s *Store) Next(ctx context.Context, account string) (due time.Time, ok bool, err error) {
	asked := s.wake.asked(account)
	var n int64
	err = s.read(ctx, query("SELECT j.due FROM idmock_jobs j WHERE "+claimable+" ORDER BY j.due, j.ord LIMIT 1", func(scan func(...any) error) error {
		ok = true
		return scan(&n)
	}, text(account), s.now()))
	if err != nil {
		return time.Time{}, false, err
	}
	if !ok {
		asked(never)
		return time.Time{}, false, nil
	}
	asked(n)
	return time.Unix(0, n).UTC(), true, nil
}

const jobRead = "SELECT id, due, keeps, payload FROM idmock_jobs j "

// one reads a single job.
func (s *Store) one(ctx context.Context, job store.Job, sql string, args ...any) (_ store.Job, ok bool, err error) {
	err = s.read(ctx, query(jobRead+sql+" ORDER BY due, ord LIMIT 1", func(scan func(...any) error) error {
		var id, keeps []byte
		var due int64
		if err := scan(&id, &due, &keeps, &job.Payload); err != nil {
			return err
		}
		ok = true
		job.ID, job.Keeps, job.Due = string(id), string(keeps), time.Unix(0, due).UTC()
		return nil
	}, args...))
	if !ok || err != nil {
		return store.Job{}, false, err
	}
	return job, true, nil
}

// Peek implements store.Store.
func (s *Store) Peek(ctx context.Context, account, lane string, until time.Time) (store.Job, bool, error) {
	job, ok, err := s.one(ctx, store.Job{Account: account, Lane: lane}, `WHERE account = $1 AND lane = $2 AND lane <> $empty AND hold = $empty AND lease <= $3 AND EXISTS (
  SELECT 1 FROM idmock_jobs k WHERE k.account = $1 AND k.lane = $2 AND k.lane <> $empty AND k.hold = $empty AND k.lease > $3)`,
		text(account), text(lane), s.now())
	if !ok || err != nil || store.Nanos(job.Due) > store.Nanos(until) {
		return store.Job{}, false, err
	}
	return job, true, nil
}

// Pending implements store.Store.
func (s *Store) Pending(ctx context.Context, account string) (pending, held int, err error) {
	err = s.read(ctx, query("SELECT pending, held FROM idmock_accounts WHERE account = $1", func(scan func(...any) error) error {
		return scan(&pending, &held)
	}, text(account)))
	return pending, held, err
}

// Held implements store.Store.
func (s *Store) Held(ctx context.Context, account, hold string) (first store.Job, n int, err error) {
	first, ok, err := s.one(ctx, store.Job{Account: account, Hold: hold}, "WHERE account = $1 AND hold = $2 AND hold <> $empty", text(account), text(hold))
	if !ok || err != nil {
		return store.Job{}, 0, err
	}
	err = s.read(ctx, query("SELECT count(*) FROM idmock_jobs WHERE account = $1 AND hold = $2 AND hold <> $empty", func(scan func(...any) error) error {
		return scan(&n)
	}, text(account), text(hold)))
	return first, n, err
}

// Busy reports whether a job of the account is claimed, by any process.
func (s *Store) Busy(ctx context.Context, account string) (busy bool, err error) {
	err = s.read(ctx, query("SELECT 1 FROM idmock_jobs WHERE lease > 0 AND lease > $2 AND account = $1 LIMIT 1", func(scan func(...any) error) error {
		var one int64
		busy = true
		return scan(&one)
	}, text(account), s.now()))
	return busy, err
}
