// Package store persists documents, scheduled jobs and the journal.
//
// Every update is one [Change], committed atomically, so that state never changes without its journal entries and jobs.
// Readers follow the journal with a cursor; workers claim due jobs under a lease. Documents, payloads and entries are
// bytes here: their contents, and the names of keys, belong to the packages above.
//
// [Memory] is the default and reference implementation. Package storetest is the test suite for every driver.
package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"
)

var (
	// ErrConflict rejects a Change based on outdated state. Read again, and build a new Change.
	ErrConflict = errors.New("conflict")
	// ErrNotFound reports that a key has no document.
	ErrNotFound = errors.New("not found")
	// ErrClaimed is the ErrConflict for a job that Change.Free requires to be unclaimed, but is claimed.
	ErrClaimed = fmt.Errorf("claimed: %w", ErrConflict)
	// ErrFull rejects a Change that would add to a store whose documents and jobs have reached the bound of its retention.
	ErrFull = errors.New("store is full")
	// ErrUnavailable reports that a database cannot be reached now. What was to be committed may have been.
	ErrUnavailable = errors.New("the store is unavailable")
	// ErrClosed is returned by every method of a closed store.
	ErrClosed = errors.New("store is closed")
)

// KeySeparator ends the partition of a document's key. The cost of List and Drop depends on one partition only.
const KeySeparator = "\x1f"

// Doc is a small document: a run, an account's settings.
type Doc struct {
	// Key is required and unique in the store. The part before its first KeySeparator is its partition.
	Key string
	// Rev is the number of commits of the document. In a Change it is the revision read before, or 0 for a document that
	// must not exist yet; the stored document gets the next one.
	Rev uint64
	// Data is the document. In a Change, nil deletes it.
	Data []byte
	// Done marks a finished document, which retention may evict, the earliest finished first. Committing it with Done
	// unset protects it again. While a job keeps it, it does not count as finished.
	Done bool
}

// Job is scheduled work.
type Job struct {
	// ID is required and unique among stored jobs. It can be used again once the job is done.
	ID      string
	Account string
	// Lane serialises jobs of an account: one job of a lane is claimed at a time. Jobs of Lane "" are independent.
	Lane string
	// Due is account time, with nanosecond precision and in UTC. Times before 1678 or after 2261 are clamped.
	Due     time.Time
	Payload []byte
	// Value, if not nil, is the content in place of Payload. A driver may keep it, and return it from the same process, or
	// encode it into Payload.
	Value Value
	// Keeps is the key of a document that is protected from retention until the job is done, or empty. Like the document's
	// Done, it saves a commit: the end of the job finishes the document.
	Keeps string
	// Again is set by Claim if the job was claimed before and its lease ended: the work may have been done already. Drivers whose
	// jobs do not outlive the process need not set it.
	Again bool
	// Hold names the hold that keeps the job back; empty for none. A job with a hold is never due and does not block its
	// Lane. Replacing it with a job without a Hold releases it.
	Hold string
}

// Value is content that is encoded when a driver needs bytes. It must not change once it is committed.
type Value interface {
	Encode() ([]byte, error)
}

// Bytes returns the payload, or the encoded Value.
func (j Job) Bytes() ([]byte, error) {
	if j.Value == nil {
		return j.Payload, nil
	}
	return j.Value.Encode()
}

// Entry is one journal entry.
type Entry struct {
	// Seq is assigned by Commit: 1, 2, 3… across all accounts, without gaps.
	Seq uint64
	// At is account time, Wall is wall time.
	At, Wall time.Time
	Account  string
	Kind     string
	// Ref names the subject of the entry, such as a delivery, for About. It is optional and not visible to readers.
	Ref string
	// Data is JSON.
	Data []byte
}

// KindGap is the kind of the entry that replaces entries evicted before a reader got them. It is made for the reader
// and never stored: Account is the requested one, Data is {"missed":N}, with "at_most":true if the number is an upper
// bound, Seq is the cursor to continue from, and the times are those of the following entry (zero if there is none).
const KindGap = "gap"

// Change is one atomic update. Done is applied before Jobs, so that a Change can replace a job under its own ID. A Change
// with a duplicate or empty key or ID is an error, but not ErrConflict.
type Change struct {
	Docs    []Doc
	Done    []string // IDs of jobs to remove, claimed or not
	Free    []string // IDs of jobs that must be unclaimed, otherwise Commit returns ErrClaimed
	Jobs    []Job
	Entries []Entry
}

// Stats describes the contents of a store and the work of its retention.
type Stats struct {
	Head        uint64 // Seq of the last entry written, 0 before the first
	Oldest      uint64 // Seq of the first entry still stored, Head+1 if there is none
	Entries     int
	EntryBytes  int64  // including overhead
	Evicted     uint64 // entries evicted since the store was opened
	Docs        int    // including finished ones
	DoneDocs    int    // finished documents
	DoneBytes   int64  // including overhead
	DocsEvicted uint64 // documents evicted since the store was opened
	Jobs        int    // including claimed and held jobs
	HeldJobs    int    // jobs with a Hold
	LiveBytes   int64  // jobs and documents that are not finished, including overhead
}

// Work is what a process did with a database. Drivers that have one may have a method Work that returns it.
type Work struct {
	Transactions uint64        // written, with one or more operations each
	Operations   uint64        // commits, claims, renewals and drops
	Busy         time.Duration // in transactions
	Conflicts    uint64        // commits that were refused, as something else changed a document meanwhile
	Failures     uint64        // transactions that the database failed
	Takeovers    uint64        // jobs claimed after another worker's lease ended
	Reads        uint64        // queries outside transactions: a round trip each
}

// Store is the contract of every driver. All methods are safe for concurrent use. Nothing is copied: byte slices passed
// in belong to the store, slices returned are shared between readers, and neither may be modified.
type Store interface {
	// Get returns the document at key, or ErrNotFound.
	Get(ctx context.Context, key string) (Doc, error)

	// List returns at most max documents of one partition, ordered by key, whose keys have the prefix and follow after.
	// Its cost grows with the partition.
	List(ctx context.Context, prefix, after string, max int) ([]Doc, error)

	// Commit applies a Change atomically and returns the Seq of the last entry it wrote, or the journal's head if it
	// wrote none. The error is ErrConflict if a document has another revision, if a job's ID is taken, or if a job listed
	// in Done does not exist.
	Commit(ctx context.Context, c Change) (last uint64, err error)

	// Claim returns at most max jobs of the account with Due no later than until, ordered by (Due, insertion): at most
	// one per lane, and none from a lane with a claimed job. The claim is exclusive for the duration of lease, in wall
	// time; afterwards the job can be claimed again, unless a Commit has listed it in Done.
	Claim(ctx context.Context, account string, until time.Time, max int, lease time.Duration) ([]Job, error)

	// Renew gives the lease of a claimed job another duration, from now. The error is ErrConflict if the job is not claimed:
	// its lease ended, or it is done. Workers renew a lease while their work goes on.
	Renew(ctx context.Context, id string, lease time.Duration) error

	// Peek returns the job of a lane that follows its claimed job, if it is due no later than until. ok is false if there
	// is none, or if no job of the lane is claimed. Workers use it to prepare the next job.
	Peek(ctx context.Context, account, lane string, until time.Time) (job Job, ok bool, err error)

	// Next returns the due time of the account's earliest claimable job; ok is false if there is none.
	Next(ctx context.Context, account string) (due time.Time, ok bool, err error)

	// Wake blocks until commits or expired leases may have changed the result of Next, and returns the accounts affected.
	// Each change is reported once, to one caller. Claims are not reported: call Next after a Claim.
	Wake(ctx context.Context) ([]string, error)

	// Read returns at most max entries after a Seq, of one account or, for account "", of all accounts. It never blocks.
	// A gap counts as an entry.
	Read(ctx context.Context, account string, after uint64, max int) ([]Entry, error)

	// About returns the stored entries of an account with a Ref, oldest first. Its cost grows with their number only.
	About(ctx context.Context, account, ref string) ([]Entry, error)

	// Follow yields batches of at most 256 entries, first stored ones, then new ones as they are committed. It ends with
	// the context's error when ctx ends and with ErrClosed when the store closes.
	Follow(ctx context.Context, account string, after uint64) iter.Seq2[[]Entry, error]

	// Pending returns the number of an account's jobs without a Hold, claimed or not, and with one.
	Pending(ctx context.Context, account string) (pending, held int, err error)

	// Held returns the first job of an account with a Hold, ordered by (Due, insertion) and without its Lane, and the
	// number of such jobs. Without any, it returns the zero Job and 0.
	Held(ctx context.Context, account, hold string) (first Job, n int, err error)

	// Drop removes all jobs of an account, including claimed and held ones, and every document whose key has one of the
	// prefixes, at any revision. Each prefix includes a partition. The journal is kept. The cost grows with the partitions
	// and with the account's jobs.
	Drop(ctx context.Context, account string, prefixes ...string) error

	// Stats returns a consistent snapshot.
	Stats(ctx context.Context) (Stats, error)

	// Close ends every Follow and Wake. Closing again has no effect.
	Close() error
}
