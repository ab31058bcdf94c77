// Command typecheck type-checks the module for other operating systems: typecheck darwin windows. It reads every package
// from source, also those of libraries, and generates no code: a compiler takes ten times as long to say the same.
package main

import (
	"fmt"
	"os"

	"golang.org/x/tools/go/packages"
)

func main() {
	failed := false
	for _, system := range os.Args[1:] {
		n, err := check(system)
		if err != nil {
			fmt.Fprintf(os.Stderr, "typecheck: %s: %v\n", system, err)
			failed = true
			continue
		}
		fmt.Printf("%s: %d packages\n", system, n)
	}
	if failed || len(os.Args) < 2 {
		os.Exit(1)
	}
}

// check returns how many packages it read. The errors of packages go to the standard error.
func check(system string) (int, error) {
	cfg := &packages.Config{
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports | packages.NeedDeps |
			packages.NeedTypes | packages.NeedSyntax | packages.NeedTypesInfo | packages.NeedTypesSizes | packages.NeedModule,
		Env:   append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0"),
		Tests: true,
	}
	all, err := packages.Load(cfg, "./...")
	if err != nil {
		return 0, err
	}
	if n := packages.PrintErrors(all); n > 0 {
		return 0, fmt.Errorf("%d errors", n)
	}
	n := 0
	packages.Visit(all, nil, func(*packages.Package) { n++ })
	return n, nil
}
