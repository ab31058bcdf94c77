// Package wire sends requests to a webhook receiver byte for byte: header names keep their spelling and order, bodies can
// be chunked, dripped or cut off, and responses are kept as they arrived. net/http normalises all of this, so the package
// writes HTTP/1.1 itself; only HTTP/2 goes through net/http.
//
// Does not belong here: the content of a request (package mutate), and the expected responses (packages receiver and
// suite).
package wire
