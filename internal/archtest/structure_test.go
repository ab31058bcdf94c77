package archtest

import (
	"go/ast"
	"go/types"
	"maps"
	"path"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// widest returns the most files and the most lines that a package has without its tests.
func (c *code) widest() (files, lines int, ofFiles, ofLines string) {
	for _, p := range c.plain() {
		n := 0
		for _, f := range p.Syntax {
			n += c.fset.File(f.FileStart).LineCount()
		}
		if len(p.Syntax) > files {
			files, ofFiles = len(p.Syntax), short(p.Types)
		}
		if n > lines {
			lines, ofLines = n, short(p.Types)
		}
	}
	return files, lines, ofFiles, ofLines
}

// mostMethods returns the type with the most methods of its own.
func (c *code) mostMethods() (most int, name string) {
	for _, p := range c.plain() {
		methods := map[string]int{}
		for _, f := range p.Syntax {
			for _, d := range f.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv != nil {
					methods[receiver(fn)]++
				}
			}
		}
		for of, n := range methods {
			if n > most {
				most, name = n, short(p.Types)+"."+of
			}
		}
	}
	return most, name
}

// receiver returns the name of a method's type.
func receiver(fn *ast.FuncDecl) string {
	expr := fn.Recv.List[0].Type
	for {
		switch e := expr.(type) {
		case *ast.StarExpr:
			expr = e.X
		case *ast.IndexExpr:
			expr = e.X
		case *ast.IndexListExpr:
			expr = e.X
		case *ast.Ident:
			return e.Name
		default:
			return ""
		}
	}
}

// functionLengths returns the lengths in lines of all functions and methods outside tests, in order.
func (c *code) functionLengths() []int {
	var lengths []int
	for _, p := range c.plain() {
		for _, f := range p.Syntax {
			for _, d := range f.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok {
					lengths = append(lengths, c.lines(fn))
				}
			}
		}
	}
	slices.Sort(lengths)
	return lengths
}

// widestCycle returns the largest set of files of one package that all lead to each other. A file leads to another if it
// uses a name that the other declares: a function, method, type, variable or constant of the package. Struct fields do not
// count; the type that has them does.
func (c *code) widestCycle() (files []string, of string) {
	for _, p := range c.plain() {
		if cycle := largestComponent(c.fileGraph(p)); len(cycle) > len(files) {
			files, of = cycle, short(p.Types)
		}
	}
	return files, of
}

// graph maps a node to the nodes that it leads to.
type graph map[string]map[string]bool

func (g graph) add(from, to string) {
	if g[from] == nil {
		g[from] = map[string]bool{}
	}
	g[from][to] = true
}

func (c *code) fileGraph(p *packages.Package) graph {
	g := graph{}
	for id, object := range p.TypesInfo.Uses {
		if object.Pkg() != p.Types || !declared(object) {
			continue
		}
		if from, to := c.file(id.Pos()), c.file(object.Pos()); from != to {
			g.add(path.Base(from), path.Base(to))
		}
	}
	return g
}

// declared reports whether an object is one that a package declares: at its top level, or as a method.
func declared(object types.Object) bool {
	if fn, ok := object.(*types.Func); ok && fn.Signature().Recv() != nil {
		return !types.IsInterface(fn.Signature().Recv().Type())
	}
	return object.Parent() == object.Pkg().Scope()
}

// largestComponent returns the largest strongly connected component by Tarjan's algorithm, nil if no two nodes are connected.
func largestComponent(g graph) []string {
	var (
		next    int
		stack   []string
		index   = map[string]int{}
		low     = map[string]int{}
		stacked = map[string]bool{}
		largest []string
		visit   func(string)
	)
	visit = func(v string) {
		next++
		index[v], low[v] = next, next
		stack, stacked[v] = append(stack, v), true
		for w := range g[v] {
			if index[w] == 0 {
				visit(w)
				low[v] = min(low[v], low[w])
			} else if stacked[w] {
				low[v] = min(low[v], index[w])
			}
		}
		if low[v] != index[v] {
			return
		}
		at := slices.Index(stack, v)
		component := slices.Clone(stack[at:])
		stack = stack[:at]
		for _, w := range component {
			stacked[w] = false
		}
		if len(component) > 1 && len(component) > len(largest) {
			largest = component
		}
	}
	for _, v := range slices.Sorted(maps.Keys(g)) {
		if index[v] == 0 {
			visit(v)
		}
	}
	slices.Sort(largest)
	return largest
}

// mentions returns the files, of those that pass keep, that contain the word.
func mentions(files map[string]string, word string, keep func(file string) bool) []string {
	var found []string
	for file, text := range files {
		if keep(file) && containsWord(text, word) {
			found = append(found, file)
		}
	}
	slices.Sort(found)
	return found
}

func containsWord(text, word string) bool {
	for rest := text; ; {
		i := strings.Index(rest, word)
		if i < 0 {
			return false
		}
		before, after := rest[:i], rest[i+len(word):]
		if !strings.HasSuffix(strings.TrimRight(before, letters), "-") && strings.TrimRight(before, letters) == before && strings.TrimLeft(after, letters) == after {
			return true
		}
		rest = after
	}
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
