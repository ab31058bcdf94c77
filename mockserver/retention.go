package mockserver

import (
	"context"
	"time"

	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/journal"
)

// reportEvery is the least time between two entries about finished runs that were dropped.
const reportEvery = 10 * time.Second

// reportDropped reports finished runs and webhooks that retention drops, in the journal and the log, until ctx ends.
func (c *core) reportDropped(ctx context.Context) {
	ticker := time.NewTicker(reportEvery)
	defer ticker.Stop()
	var reported uint64
	for {
		select {
		case <-ticker.C:
			reported = c.reportDroppedSince(ctx, reported)
		case <-ctx.Done():
			return
		}
	}
}

// reportDroppedSince reports what was dropped beyond a number, and returns the present one.
func (c *core) reportDroppedSince(ctx context.Context, reported uint64) uint64 {
	stats, err := c.config.Store.Stats(ctx)
	if err != nil || stats.DocsEvicted <= reported {
		return reported
	}
	entry := journal.Retention{Dropped: stats.DocsEvicted - reported, Total: stats.DocsEvicted}
	if err := c.accounts.Log(ctx, account.Default, entry); err != nil {
		return reported
	}
	c.config.Logger.Warn("finished runs and webhooks are dropped: keep more with --finished-runs", "dropped", entry.Dropped, "total", entry.Total)
	return stats.DocsEvicted
}
