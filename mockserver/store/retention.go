package store

// Default bounds of a [Retention].
const (
	DefaultEntries    = 20_000
	DefaultEntryBytes = 24 << 20
	DefaultDoneDocs   = 20_000
	DefaultDoneBytes  = 16 << 20
	DefaultLiveBytes  = 96 << 20
)

// Retention bounds what a store keeps. Jobs and documents that are not Done are never evicted; a [Change] that would add to
// them beyond LiveBytes is [ErrFull]. A bound of 0 or less selects the default. Sizes include names, kinds, keys and overhead, so that even empty entries count.
type Retention struct {
	Entries    int   // journal entries; the newest is always kept
	EntryBytes int64 // bytes of journal entries; the newest is always kept
	DoneDocs   int   // finished documents
	DoneBytes  int64 // bytes of finished documents; a larger document is evicted at once
	LiveBytes  int64 // bytes of jobs and of documents that are not finished
}

// WithDefaults returns the retention with defaults for the bounds that are not set.
func (r Retention) WithDefaults() Retention {
	if r.Entries <= 0 {
		r.Entries = DefaultEntries
	}
	if r.EntryBytes <= 0 {
		r.EntryBytes = DefaultEntryBytes
	}
	if r.DoneDocs <= 0 {
		r.DoneDocs = DefaultDoneDocs
	}
	if r.DoneBytes <= 0 {
		r.DoneBytes = max(DefaultDoneBytes, int64(r.DoneDocs)*DefaultDoneBytes/DefaultDoneDocs) // so that more documents find room
	}
	if r.LiveBytes <= 0 {
		r.LiveBytes = DefaultLiveBytes
	}
	return r
}
