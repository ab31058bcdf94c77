package store

// What a store keeps when nobody says otherwise.
const (
	DefaultEntries    = 20_000
	DefaultEntryBytes = 24 << 20
	DefaultDoneDocs   = 20_000
	DefaultDoneBytes  = 16 << 20
)

// Retention bounds what a store keeps of the past. What is still going on (jobs, documents that are not Done) is
// never dropped. Each bound is a default when it is 0 or less. Bytes count names, kinds, keys and the cost of holding
// them, so a journal of a million empty entries has a size too.
type Retention struct {
	Entries    int   // entries of the journal; the newest is always kept
	EntryBytes int64 // bytes of the journal; the newest entry is always kept
	DoneDocs   int   // finished documents
	DoneBytes  int64 // bytes of finished documents; one that is larger goes at once
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
