// Package benchmarks measures parts of the server within the process, mostly as ratios, since absolute times depend on the
// machine.
//
//	go test -run '^$' -bench . ./mockserver/benchmarks
//
// Package outside measures the server as its users meet it. Benchmarks of single functions belong to their packages. No code
// of this package is part of the product.
package benchmarks
