package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/tools/go/packages"

	"github.com/idmock/idmock/internal/testenv"
)

// root is the module's directory.
var root = filepath.Join("..", "..")

// code is the type-checked source of the module with its tests.
type code struct {
	fset *token.FileSet
	all  []*packages.Package // with tests: a package that has any is here twice, see variants
}

// loaded type-checks the module once for all tests of a run. Libraries are read from source, too, without what is inside
// functions: their export data would take the compiler, for every package and its tests, a minute of two processors.
var loaded = sync.OnceValues(func() (*code, error) {
	abs, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	fset := token.NewFileSet()
	all, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports | packages.NeedDeps | packages.NeedSyntax |
			packages.NeedTypes | packages.NeedTypesInfo | packages.NeedTypesSizes | packages.NeedForTest | packages.NeedModule,
		Dir: root, Env: append(os.Environ(), "CGO_ENABLED=0"), Fset: fset, Tests: true,
		ParseFile: func(fset *token.FileSet, filename string, src []byte) (*ast.File, error) {
			if strings.HasPrefix(filename, abs+string(filepath.Separator)) || !strings.HasSuffix(filename, ".go") { // or the main of a test
				return parser.ParseFile(fset, filename, src, parser.AllErrors|parser.ParseComments)
			}
			file, err := parser.ParseFile(fset, filename, src, parser.SkipObjectResolution)
			if file == nil {
				return nil, err
			}
			for _, d := range file.Decls {
				if f, ok := d.(*ast.FuncDecl); ok {
					f.Body = nil
				}
			}
			return file, err
		},
	}, "./...")
	return &code{fset, all}, err
})

// source returns the type-checked module.
func source(t *testing.T) *code {
	t.Helper()
	testenv.Long(t)
	c, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range c.all {
		for _, e := range p.Errors {
			t.Fatalf("%s: %v", p.ID, e)
		}
	}
	return c
}

// plain returns the packages without their tests.
func (c *code) plain() []*packages.Package {
	return slices.DeleteFunc(slices.Clone(c.all), func(p *packages.Package) bool {
		return p.ForTest != "" || strings.HasSuffix(p.PkgPath, ".test") || strings.HasSuffix(p.PkgPath, "_test")
	})
}

// tested returns the packages with their tests: the variant with the tests inside, and the external test package.
func (c *code) tested() []*packages.Package {
	return slices.DeleteFunc(slices.Clone(c.all), func(p *packages.Package) bool { return p.ForTest == "" })
}

// file returns the path of a position's file in the module, with slashes.
func (c *code) file(pos token.Pos) string {
	abs, err := filepath.Abs(root)
	if err != nil {
		return ""
	}
	rel, err := filepath.Rel(abs, c.fset.Position(pos).Filename)
	if err != nil {
		return ""
	}
	return filepath.ToSlash(rel)
}

// lines returns the number of lines of a syntax node.
func (c *code) lines(n ast.Node) int {
	return c.fset.Position(n.End()).Line - c.fset.Position(n.Pos()).Line + 1
}

// short returns a package's path in the module.
func short(p *types.Package) string {
	if p == nil {
		return ""
	}
	return strings.TrimPrefix(strings.TrimPrefix(p.Path(), module), strings.TrimSuffix(module, "/"))
}

// tracked returns the module's files as git lists them, with new files that are not ignored, except deleted files.
// Without git it returns every file outside hidden directories.
func tracked(t *testing.T) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", "ls-files", "--cached", "--others", "--exclude-standard")
	cmd.Dir = root
	out, err := cmd.Output()
	var files []string
	if err == nil {
		files = strings.Fields(string(out))
	} else {
		files = walked(t)
	}
	return slices.DeleteFunc(files, func(file string) bool {
		info, err := os.Stat(filepath.Join(root, file))
		return err != nil || info.IsDir()
	})
}

func walked(t *testing.T) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		hidden := strings.HasPrefix(entry.Name(), ".") && path != root && entry.Name() != ".ci" && entry.Name() != ".github"
		if entry.IsDir() && (hidden || entry.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if !entry.IsDir() {
			rel, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			files = append(files, filepath.ToSlash(rel))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func read(t *testing.T, file string) string {
	t.Helper()
	src, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}
