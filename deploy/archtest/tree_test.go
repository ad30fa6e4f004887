package archtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

const (
	module = "github.com/xunshi/xunshi/"
	root   = "../.."
)

// pack is a package as `go list` sees it. Paths inside the module are relative
// to it; others are whole.
type pack struct {
	path, name  string
	imports     []string // of the package itself
	testImports []string // of its tests
	deps        []string // all that the package needs, at any depth
	broken      string
}

// source is one hand-written Go file.
type source struct {
	path string // slash-separated, from the root of the repository
	file *ast.File
}

func (s source) dir() string  { return path.Dir(s.path) }
func (s source) isTest() bool { return strings.HasSuffix(s.path, "_test.go") }

// packages asks Go for all packages of the module, generated ones too.
var packages = sync.OnceValues(func() ([]pack, error) {
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Name,Imports,TestImports,XTestImports,Deps,Error", "./...")
	cmd.Dir = root
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	var all []pack
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath, Name                         string
			Imports, TestImports, XTestImports, Deps []string
			Error                                    *struct{ Err string }
		}
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		entry := pack{
			path:        inside(p.ImportPath),
			name:        p.Name,
			imports:     insideAll(p.Imports),
			testImports: insideAll(slices.Concat(p.TestImports, p.XTestImports)),
			deps:        insideAll(p.Deps),
		}
		if p.Error != nil {
			entry.broken = p.Error.Err
		}
		all = append(all, entry)
	}
})

func inside(importPath string) string { return strings.TrimPrefix(importPath, module) }

func insideAll(importPaths []string) []string {
	short := make([]string, len(importPaths))
	for i, p := range importPaths {
		short[i] = inside(p)
	}
	return short
}

// files lists every file of the repository that people write, by slash path.
// Walking the folders also tells Go's test cache that they matter.
var files = sync.OnceValues(func() ([]string, error) {
	var all []string
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		switch {
		case d.IsDir() && slices.Contains([]string{".git", ".run", ".proto-deps", "bin", "gen"}, rel):
			return fs.SkipDir
		case d.IsDir() && d.Name() == "node_modules":
			return fs.SkipDir
		case d.Type().IsRegular():
			all = append(all, rel)
		}
		return nil
	})
	return all, err
})

// sources are all Go files that people write.
var sources = sync.OnceValues(func() ([]source, error) {
	names, err := files()
	if err != nil {
		return nil, err
	}
	var all []source
	fset := token.NewFileSet()
	for _, name := range names {
		if path.Ext(name) != ".go" || strings.Contains(name, "/testdata/") {
			continue
		}
		f, err := parser.ParseFile(fset, filepath.Join(root, name), nil, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		all = append(all, source{name, f})
	}
	return all, nil
})

// must ends the test if the tree could not be read or has nothing to look at.
func must[T any](t *testing.T, read func() ([]T, error)) []T {
	t.Helper()
	all, err := read()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatal("found nothing to check")
	}
	return all
}

// textOf reads files of the repository whose name matches.
func textOf(t *testing.T, wanted func(name string) bool) map[string]string {
	t.Helper()
	texts := make(map[string]string)
	for _, name := range must(t, files) {
		if !wanted(name) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		texts[name] = string(text)
	}
	if len(texts) == 0 {
		t.Fatal("found nothing to check")
	}
	return texts
}

// report fails the test once for each complaint.
func report(t *testing.T, complaints []string) {
	t.Helper()
	slices.Sort(complaints)
	for _, c := range slices.Compact(complaints) {
		t.Error(c)
	}
}

// bites fails unless the complaints are as many as wanted and one of them says
// the word.
func bites(t *testing.T, complaints []string, want int, word string) {
	t.Helper()
	if len(complaints) != want || want > 0 && !strings.Contains(strings.Join(complaints, "\n"), word) {
		t.Errorf("got %d complaints, want %d about %q: %q", len(complaints), want, word, complaints)
	}
}

// parse makes a source of a text, as a bad example.
func parse(t *testing.T, name, text string) source {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	return source{name, f}
}
