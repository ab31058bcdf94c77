// Package benchmarks compares the server with bare net/http doing the same work in the same run. Results are ratios, since
// absolute times depend on the machine.
//
//	go test -run '^$' -bench . ./mockserver/benchmarks
//
// Benchmarks of single functions belong to their packages. No code of this package is part of the product.
package benchmarks
