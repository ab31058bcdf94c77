// Package sqlstore keeps a [store.Store] in a SQL database: a SQLite file of this process, or a PostgreSQL database that any
// number of processes share.
//
// All statements are the same for both; a dialect differs in how it connects, in types, and in how a transaction excludes
// other writers. Every process has one writer, which commits the changes of all callers that wait in one transaction, so that a
// commit to disk is shared. Transactions of several processes follow each other: each locks the row of counters first. That
// order makes journal numbers gapless, and there is nothing to deadlock on and nothing to serialize again.
//
// In memory are a cache of the journal's end and notes for waking; nothing is lost with them. The contents of documents,
// payloads and entries do not belong here.
package sqlstore
