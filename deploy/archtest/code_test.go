package archtest

import (
	"fmt"
	"go/ast"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// reserved is a name that only one place may use.
type reserved struct {
	pkg   string
	names []string
	only  func(source) bool
	where string
}

func reservations() []reserved {
	in := func(dir string) func(source) bool {
		return func(s source) bool { return s.dir() == dir }
	}
	program := func(s source) bool { return s.file.Name.Name == "main" }
	return []reserved{
		{"time", []string{"Now", "Since", "Until"}, in("services/kit/clock"), "kit/clock"},
		{"os", []string{"Getenv", "LookupEnv", "Environ", "ExpandEnv"}, in("services/kit/config"), "kit/config"},
		{"syscall", []string{"Getenv", "Environ"}, in("services/kit/config"), "kit/config"},
		{"os", []string{"Exit"}, program, "package main"},
		{"log", []string{"Fatal", "Fatalf", "Fatalln"}, program, "package main"},
		// Whoever sets the business clock sets every statutory date (ADR 0006).
		{"github.com/xunshi/xunshi/services/kit/daemon", []string{"WithClock"}, in("deploy/devstack/stack"), "the devstack"},
	}
}

// checkReserved looks at every mention, not only at calls: a function that is
// passed on is called elsewhere. Tests are free.
func checkReserved(all []source) []string {
	var complaints []string
	for _, s := range all {
		if s.isTest() {
			continue
		}
		names := importNames(s.file)
		for _, r := range reservations() {
			if names["."+r.pkg] != "" {
				complaints = append(complaints, fmt.Sprintf("%s imports %s with a dot", s.path, r.pkg))
			}
			if r.only(s) {
				continue
			}
			for _, found := range mentions(s.file, names, r) {
				complaints = append(complaints, fmt.Sprintf("%s uses %s.%s, which is for %s only", s.path, r.pkg, found, r.where))
			}
		}
	}
	return complaints
}

// importNames gives the import path by the name under which a file knows it; a
// dot import stands under a dot and its path.
func importNames(f *ast.File) map[string]string {
	names := make(map[string]string)
	for _, i := range f.Imports {
		importPath, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			continue // the parser has accepted it, so this cannot be
		}
		name := path.Base(importPath)
		if i.Name != nil {
			name = i.Name.Name
		}
		if name == "." {
			name += importPath
		}
		names[name] = importPath
	}
	return names
}

func mentions(f *ast.File, names map[string]string, r reserved) []string {
	var found []string
	ast.Inspect(f, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			x, ok := sel.X.(*ast.Ident)
			if ok && names[x.Name] == r.pkg && slices.Contains(r.names, sel.Sel.Name) {
				found = append(found, sel.Sel.Name)
			}
		}
		return true
	})
	return found
}

// checkInit refuses init functions: what runs is called by somebody.
func checkInit(all []source) []string {
	var complaints []string
	for _, s := range all {
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				complaints = append(complaints, s.path+" has an init function")
			}
		}
	}
	return complaints
}

// checkNames refuses names that say nothing.
func checkNames(all []source) []string {
	empty := []string{"util", "utils", "common", "helper", "helpers", "model", "models", "misc"}
	var complaints []string
	for _, s := range all {
		name := strings.TrimSuffix(s.file.Name.Name, "_test")
		for _, part := range append(strings.Split(s.dir(), "/"), name) {
			if slices.Contains(empty, part) {
				complaints = append(complaints, fmt.Sprintf("%s: a package called %s owns nothing in particular", s.dir(), part))
			}
		}
	}
	return complaints
}

// checkDocs wants a doc.go with the package comment in every folder of Go files.
func checkDocs(all []source) []string {
	documented := make(map[string]bool)
	for _, s := range all {
		if path.Base(s.path) == "doc.go" {
			start := "Package " + s.file.Name.Name + " "
			if s.file.Name.Name == "main" {
				start = "Command " + path.Base(s.dir()) + " "
			}
			documented[s.dir()] = strings.HasPrefix(s.file.Doc.Text(), start)
		}
	}
	var complaints []string
	for _, s := range all {
		if !documented[s.dir()] {
			complaints = append(complaints, s.dir()+" has no doc.go that says what the package owns")
		}
	}
	return complaints
}

func TestReservedNames(t *testing.T) { report(t, checkReserved(must(t, sources))) }

func TestNoInit(t *testing.T) { report(t, checkInit(must(t, sources))) }

func TestPackageNames(t *testing.T) { report(t, checkNames(must(t, sources))) }

func TestEveryPackageHasDoc(t *testing.T) { report(t, checkDocs(must(t, sources))) }

func TestReservedNamesBite(t *testing.T) {
	for text, want := range map[string]int{
		`package x; import "time"; var T = time.Now()`:              1,
		`package x; import "time"; var F = time.Since`:              1,
		`package x; import clock "time"; var T = clock.Until`:       1,
		`package x; import . "time"; var T = Now()`:                 1,
		`package x; import "os"; var E = os.Getenv("A")`:            1,
		`package x; import "os"; func f() { os.Exit(1) }`:           1,
		`package x; import "log"; func f() { log.Fatalf("") }`:      1,
		`package main; import "os"; func main() { os.Exit(1) }`:     0,
		`package x; import "time"; var T = time.Unix(0, 0)`:         0,
		`package x; func f(c clock) { c.Now() }`:                    0,
		`package x; import "os/exec"; var E = (*exec.Cmd).Environ`:  0,
		`package main; import "time"; func main() { time.Now() }`:   1,
		`package main; import "os"; func main() { os.LookupEnv() }`: 1,

		`package x; import "github.com/xunshi/xunshi/services/kit/daemon"; var F = daemon.WithClock`: 1,
	} {
		bites(t, checkReserved([]source{parse(t, "services/x/x.go", text)}), want, "services/x/x.go")
	}
	now := `package clock; import "time"; var T = time.Now()`
	bites(t, checkReserved([]source{parse(t, "services/kit/clock/clock.go", now), parse(t, "services/x/x_test.go", now)}), 0, "")
}

func TestCodeRulesBite(t *testing.T) {
	bites(t, checkInit([]source{parse(t, "x/x_test.go", "package x; func init() {}")}), 1, "init")
	bites(t, checkInit([]source{parse(t, "x/x.go", "package x; func (t T) init() {}")}), 0, "")
	bites(t, checkNames([]source{parse(t, "services/x/utils/a.go", "package a")}), 1, "utils")
	bites(t, checkNames([]source{parse(t, "services/x/y/a.go", "package models")}), 1, "models")
	bites(t, checkDocs([]source{parse(t, "x/x.go", "package x")}), 1, "doc.go")
	bites(t, checkDocs([]source{parse(t, "x/doc.go", "package x")}), 1, "doc.go")
	bites(t, checkDocs([]source{parse(t, "x/doc.go", "// Package x owns it.\npackage x"), parse(t, "x/x.go", "package x")}), 0, "")
	bites(t, checkDocs([]source{parse(t, "x/doc.go", "// Command x runs.\npackage main")}), 0, "")
}
