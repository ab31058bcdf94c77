package store

// Default bounds of a [Retention].
const (
	DefaultEntries    = 20_000
	DefaultEntryBytes = 24 << 20
	DefaultDoneDocs   = 20_000
	DefaultDoneBytes  = 16 << 20
)

// Retention bounds the history that a store keeps. Jobs and documents that are not Done are never evicted. A bound of 0
// or less selects the default. Sizes include names, kinds, keys and overhead, so that even empty entries count.
type Retention struct {
	Entries    int   // journal entries; the newest is always kept
	EntryBytes int64 // bytes of journal entries; the newest is always kept
	DoneDocs   int   // finished documents
	DoneBytes  int64 // bytes of finished documents; a larger document is evicted at once
}

func (r Retention) withDefaults() Retention {
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
		r.DoneBytes = DefaultDoneBytes
	}
	return r
}
