// Package benchmarks measures the server against bare net/http doing the same work in the same run, and says each figure
// as a ratio: absolute times belong to a machine, ratios to the code.
//
//	go test -run '^$' -bench . ./mockserver/benchmarks
//
// It holds no code that ships.
package benchmarks
