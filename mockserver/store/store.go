// Package store keeps what lasts: documents, jobs that fall due, and the journal.
//
// Everything that happens is one [Change], committed whole or not at all, so no state moves without its journal entry
// and its jobs. Readers follow the journal with a cursor; workers claim due jobs under a lease. What a document, a
// payload or an entry says is the business of the packages above: here they are bytes.
//
// [Memory] is the default and the specification. Package storetest holds the suite that every driver passes.
package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"
)

var (
	// ErrConflict refuses a Change that was made from what is no longer so: read again and decide again.
	ErrConflict = errors.New("conflict")
	// ErrNotFound says that there is no document under a key, or none any more.
	ErrNotFound = errors.New("not found")
	// ErrClaimed is the ErrConflict of a Change that wants a job which somebody has claimed to be claimed by nobody.
	ErrClaimed = fmt.Errorf("claimed: %w", ErrConflict)
	// ErrClosed is what a closed store answers to everything.
	ErrClosed = errors.New("store is closed")
)

// KeySeparator ends the partition of a document's key. List and Drop look at one partition, whatever others hold.
const KeySeparator = "\x1f"

// Doc is a small document: a run, an account's settings.
type Doc struct {
	// Key is not empty and unique in the store. What it has before its first KeySeparator is its partition.
	Key string
	// Rev counts the commits of a document from 1. In a Change it is the revision that was read, 0 for a document that
	// must not exist yet; what is stored has the next one.
	Rev uint64
	// Data is the document. In a Change, nil deletes it.
	Data []byte
	// Done says that the document is finished: retention may drop it, the earliest finished first. A document that is
	// committed as not Done again is safe again.
	Done bool
}

// Job is work that falls due.
type Job struct {
	// ID is not empty and unique among the jobs held. It is free again once the job is done.
	ID      string
	Account string
	// Lane orders jobs of an account: one at a time is claimed in a lane. Jobs of Lane "" are ordered against nothing.
	Lane string
	// Due is account time, kept to the nanosecond from 1678 to 2261 and given back in UTC; times beyond are moved there.
	Due     time.Time
	Payload []byte
	// Hold, if not empty, names what holds the job back: it is never due, whatever its Due, and its Lane goes on without
	// it. A Change lets it go that replaces it by a job without one.
	Hold string
}

// Entry is a line of the journal.
type Entry struct {
	// Seq is given by Commit: 1, 2, 3… over all accounts, without holes.
	Seq uint64
	// At is account time, Wall is wall time.
	At, Wall time.Time
	Account  string
	Kind     string
	// Ref names what the entry is about, such as a delivery, for About. It may be empty, and is not part of what readers get.
	Ref string
	// Data is JSON.
	Data []byte
}

// KindGap is the kind of the entry that stands for entries which retention dropped before a reader got them. It is
// made for the reader and never stored: Account is the one asked for, Data is {"missed":N}, with "at_most":true when
// the number cannot be exact, Seq is the cursor to read on from, and the times are those of the entry that follows
// (zero when none does).
const KindGap = "gap"

// Change is what one step does. Done is applied before Jobs, so a Change may replace a job under its own ID. A Change
// that lists a key or an ID twice, or an empty one, is refused as a mistake and not as a conflict.
type Change struct {
	Docs    []Doc
	Done    []string // IDs of jobs that end, claimed or not
	Free    []string // IDs of jobs that must not be claimed: ErrClaimed refuses a Change if one is
	Jobs    []Job
	Entries []Entry
}

// Stats is what a store holds, and what its retention has dropped.
type Stats struct {
	Head        uint64 // Seq of the last entry written, 0 before the first
	Oldest      uint64 // Seq of the first entry still held, Head+1 when there is none
	Entries     int
	EntryBytes  int64  // with what it takes to hold them
	Evicted     uint64 // entries dropped since the store was opened
	Docs        int    // all of them
	DoneDocs    int    // those that retention may drop
	DoneBytes   int64  // with what it takes to hold them
	DocsEvicted uint64 // documents dropped since the store was opened
	Jobs        int    // claimed, held back or neither
	HeldJobs    int    // those of them that are held back
}

// Store is the contract of every driver. All methods are safe for concurrent use. Nothing is copied: byte slices that
// were handed in belong to the store, those it hands out are shared with every other reader, and nobody changes a
// byte of either.
type Store interface {
	// Get returns the document under key, or ErrNotFound.
	Get(ctx context.Context, key string) (Doc, error)

	// List returns at most max documents of one partition whose keys begin with prefix and come after the key after, in the
	// order of their keys. Its cost grows with the partition.
	List(ctx context.Context, prefix, after string, max int) ([]Doc, error)

	// Commit applies a Change whole or not at all and returns the Seq of the last entry it wrote, or the journal's head
	// when it wrote none. The error is ErrConflict when a document is not at the revision given, when a job's ID is
	// taken, or when a job listed as done is not held.
	Commit(ctx context.Context, c Change) (last uint64, err error)

	// Claim returns at most max jobs of the account with Due no later than until, in the order of (Due, insertion): at
	// most one of a lane, and none of a lane that has a claimed job. A claimed job is nobody else's for lease, which is
	// wall time; then it can be claimed again, unless a Commit has listed it as done.
	Claim(ctx context.Context, account string, until time.Time, max int, lease time.Duration) ([]Job, error)

	// Peek returns the job that will be claimed in a lane after the one that is claimed now, if it is due no later than
	// until: not ok when there is none, or none is claimed. It is what a worker prepares for while it waits.
	Peek(ctx context.Context, account, lane string, until time.Time) (job Job, ok bool, err error)

	// Next is when the account's earliest claimable job is due; not ok when it has none.
	Next(ctx context.Context, account string) (due time.Time, ok bool, err error)

	// Wake blocks until commits or ended leases may have changed what Next says of some accounts, and returns those
	// accounts. A change is told once, to one caller. What a Claim takes away is not told: ask Next after a Claim.
	Wake(ctx context.Context) ([]string, error)

	// Read returns at most max entries after a Seq, of one account or, for account "", of all. It never blocks. A gap
	// counts as an entry.
	Read(ctx context.Context, account string, after uint64, max int) ([]Entry, error)

	// About returns the entries of an account whose Ref is ref and that are still held, oldest first. Its cost grows with
	// their number alone.
	About(ctx context.Context, account, ref string) ([]Entry, error)

	// Follow is Read without end: batches of at most 256 entries of what there is, then of what comes. It ends with the
	// context's error when ctx ends, with ErrClosed when the store closes, or when the loop is left.
	Follow(ctx context.Context, account string, after uint64) iter.Seq2[[]Entry, error]

	// Pending counts the jobs of an account, claimed or not, and besides those that are held back.
	Pending(ctx context.Context, account string) (pending, held int, err error)

	// Held returns the first of an account's jobs that a hold holds back, in the order of (Due, insertion) and without its
	// Lane, and how many they are; the zero Job and 0 when there is none.
	Held(ctx context.Context, account, hold string) (first Job, n int, err error)

	// Drop takes away all jobs of an account, claimed or held back or neither, and every document whose key begins with one of the
	// prefixes, each of which names a partition, whatever its revision. The journal stays. Its cost grows with what is held.
	Drop(ctx context.Context, account string, prefixes ...string) error

	// Stats is a consistent view of what is held.
	Stats(ctx context.Context) (Stats, error)

	// Close ends every Follow and Wake. Closing twice is no error.
	Close() error
}
