// Package tx is one unit of work. A Tx gathers the documents, jobs and journal entries of a request, a due job or a change
// made by hand, and commits them at once.
//
// It owns every document key and every job payload, so that two files show all that is stored of an account. The
// meaning of documents, the choice of entries and giving up belong to the packages above.
package tx
