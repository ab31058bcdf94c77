// Package tx is one unit of work. What a request, a due job or a change made by hand does to the store is gathered in a
// Tx and committed at once: documents, jobs, and the journal entries that tell of both.
//
// It owns every document key and every job payload, so that what is stored of an account can be read in two files. What
// a document means, which entry to write and when to give up belong to the packages above.
package tx
