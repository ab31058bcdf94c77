package archtest

import (
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// calls is a static call graph. A function leads to every function and method that its body names, called or not. A call
// through an interface leads to the methods of that name, with the same number of parameters, of all types in the packages
// of the graph that implement the interface.
type calls struct {
	edges map[string]map[string]bool
	files map[string]string // by function
}

// callGraph builds the graph of some packages. Functions have the names that types.Func.FullName gives them, so that the
// variants of a package with and without tests share them.
func (c *code) callGraph(pkgs []*packages.Package) calls {
	g := calls{map[string]map[string]bool{}, map[string]string{}}
	implementations := implementers(pkgs)
	for _, p := range pkgs {
		for _, f := range p.Syntax {
			for _, d := range f.Decls {
				fn, ok := d.(*ast.FuncDecl)
				if !ok || fn.Body == nil {
					continue
				}
				name := p.TypesInfo.Defs[fn.Name].(*types.Func).FullName()
				g.files[name] = c.file(fn.Pos())
				if g.edges[name] == nil {
					g.edges[name] = map[string]bool{}
				}
				maps.Copy(g.edges[name], mentioned(p, fn.Body, implementations))
			}
		}
	}
	return g
}

// mentioned returns the functions that a piece of code names.
func mentioned(p *packages.Package, body ast.Node, implementations func(*types.Func) []string) map[string]bool {
	found := map[string]bool{}
	ast.Inspect(body, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		fn, ok := p.TypesInfo.Uses[id].(*types.Func)
		if !ok {
			return true
		}
		fn = fn.Origin()
		found[fn.FullName()] = true
		if recv := fn.Signature().Recv(); recv != nil && types.IsInterface(recv.Type()) {
			for _, name := range implementations(fn) {
				found[name] = true
			}
		}
		return true
	})
	return found
}

// implementers returns a function that finds the methods an interface's method may stand for.
func implementers(pkgs []*packages.Package) func(*types.Func) []string {
	byName := map[string][]*types.Func{}
	for _, p := range pkgs {
		scope := p.Types.Scope()
		for _, name := range scope.Names() {
			typeName, ok := scope.Lookup(name).(*types.TypeName)
			if !ok || types.IsInterface(typeName.Type()) {
				continue
			}
			named, ok := typeName.Type().(*types.Named)
			if !ok {
				continue
			}
			for m := range named.Methods() {
				byName[m.Name()] = append(byName[m.Name()], m)
			}
		}
	}
	return func(method *types.Func) []string {
		// Only interfaces of this module: io.Reader and its like would connect everything with everything.
		if method.Pkg() == nil || !strings.HasPrefix(method.Pkg().Path()+"/", module) {
			return nil
		}
		iface, ok := method.Signature().Recv().Type().Underlying().(*types.Interface)
		if !ok {
			return nil
		}
		var names []string
		for _, m := range byName[method.Name()] {
			if has(m.Signature().Recv().Type(), iface) {
				names = append(names, m.FullName())
			}
		}
		return names
	}
}

// has reports whether a type has all methods of an interface, by their names. The types of the signatures may come from
// different variants of one package, which types.Implements tells apart.
func has(t types.Type, iface *types.Interface) bool {
	if _, pointer := t.(*types.Pointer); !pointer {
		t = types.NewPointer(t)
	}
	set := types.NewMethodSet(t)
	for m := range iface.Methods() {
		found := false
		for s := range set.Methods() {
			if s.Obj().Name() == m.Name() {
				found = true
				break
			}
		}
		if !found {
			return false
		}
	}
	return true
}

// reach returns all functions that some functions lead to, themselves included.
func (g calls) reach(from ...string) map[string]bool {
	seen := map[string]bool{}
	queue := slices.Clone(from)
	for len(queue) > 0 {
		name := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		if seen[name] {
			continue
		}
		seen[name] = true
		for next := range g.edges[name] {
			queue = append(queue, next)
		}
	}
	return seen
}

// listeners are the functions that make a test need a listener.
var listeners = []string{
	"net.Listen", "(*net.ListenConfig).Listen", "net/http/httptest.NewServer", "net/http/httptest.NewTLSServer",
	"net/http/httptest.NewUnstartedServer", "(*net/http.Server).ListenAndServe", module + "mockserver.New", module + "mockserver/mockservertest.Start",
}

// engineLevel are the packages with tests that count as tests of the engine.
var engineLevel = []string{
	"mockserver", "mockserver/tx", "mockserver/account", "mockserver/library", "mockserver/engine", "mockserver/delivery",
	"mockserver/scheduler", "mockserver/journal",
}

// listenerless returns how many tests of the engine lead to no listener by the static call graph, and how many there are.
// The graph of a test has the packages of the module that its binary links. It is an upper bound on the code that the test reaches:
// branches that it does not take count, and so do all implementations of an interface.
func (c *code) listenerless() (without, all int, needs []string) {
	byPath := map[string]*packages.Package{}
	for _, p := range c.plain() {
		byPath[p.PkgPath] = p
	}
	for _, p := range c.tested() {
		if !slices.Contains(engineLevel, strings.TrimPrefix(p.ForTest, module)) {
			continue
		}
		graph := c.callGraph(linked(p, byPath))
		for _, f := range p.Syntax {
			if !strings.HasSuffix(c.file(f.Pos()), "_test.go") {
				continue
			}
			for _, d := range f.Decls {
				fn, ok := d.(*ast.FuncDecl)
				if !ok || fn.Recv != nil || !strings.HasPrefix(fn.Name.Name, "Test") || fn.Name.Name == "TestMain" {
					continue
				}
				all++
				reached := graph.reach(p.TypesInfo.Defs[fn.Name].(*types.Func).FullName())
				if i := slices.IndexFunc(listeners, func(l string) bool { return reached[l] }); i >= 0 {
					needs = append(needs, c.file(fn.Pos())+" "+fn.Name.Name+": "+listeners[i])
				} else {
					without++
				}
			}
		}
	}
	return without, all, needs
}

// linked returns a test package, the variant of the package that it tests, and the module's packages that they import,
// directly or indirectly.
func linked(p *packages.Package, plain map[string]*packages.Package) []*packages.Package {
	seen := map[string]bool{}
	var all []*packages.Package
	var visit func(*packages.Package)
	visit = func(p *packages.Package) {
		if seen[p.ID] || !strings.HasPrefix(p.PkgPath+"/", module) {
			return
		}
		seen[p.ID] = true
		if len(p.Syntax) == 0 && plain[p.PkgPath] != nil {
			p = plain[p.PkgPath]
		}
		all = append(all, p)
		for _, imported := range p.Imports {
			visit(imported)
		}
	}
	visit(p)
	return all
}

// visited returns the files of the package mockserver that one request of an application may visit: those with a function
// that the route function leads to by the static call graph of that package alone. The route function is the literal in
// the method handler of Server. It is an upper bound: branches that a request does not take count, too.
func (c *code) visited() []string {
	var pkgs []*packages.Package
	for _, p := range c.plain() {
		if short(p.Types) == "mockserver" {
			pkgs = append(pkgs, p)
		}
	}
	graph := c.callGraph(pkgs)
	files := map[string]bool{}
	for _, p := range pkgs {
		route := method(p, "Server", "handler")
		if route == nil {
			return nil
		}
		files[c.file(route.Pos())] = true
		ast.Inspect(route.Body, func(n ast.Node) bool {
			literal, ok := n.(*ast.FuncLit)
			if !ok {
				return true
			}
			entries := slices.Collect(maps.Keys(mentioned(p, literal.Body, implementers(pkgs))))
			for name := range graph.reach(entries...) {
				if file, ok := graph.files[name]; ok {
					files[file] = true
				}
			}
			return false
		})
	}
	return slices.Sorted(maps.Keys(files))
}

// method finds the declaration of a method.
func method(p *packages.Package, of, name string) *ast.FuncDecl {
	for _, f := range p.Syntax {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv != nil && receiver(fn) == of && fn.Name.Name == name {
				return fn
			}
		}
	}
	return nil
}
