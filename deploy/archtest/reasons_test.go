package archtest

import (
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"
)

const (
	faultDir = "services/kit/fault"
	// wireDir reads reasons that other services sent; it makes none up.
	wireDir = "services/kit/faultstatus"
	// position of the reason in fault.New(kind, reason, …) and fault.Refuse(article, reason, …)
	position = 1
)

// raise is a place where a fault gets its reason.
type raise struct {
	at, dir string
	reason  string // empty if it is not a constant
}

// forwarder is a function with a parameter that it hands on as a reason.
type forwarder struct {
	dir, name string
	arity     int
}

// scan finds where faults are raised: calls of fault.New and fault.Refuse, and of
// functions that pass their parameter on to them.
type scan struct {
	sources    []source
	constants  map[string]string // "dir.Name" → value
	forwarders map[forwarder]int // → position of the reason
}

func newScan(all []source) *scan {
	s := &scan{constants: make(map[string]string), forwarders: make(map[forwarder]int)}
	for _, src := range all {
		if src.isTest() || src.dir() == wireDir {
			continue
		}
		s.sources = append(s.sources, src)
		s.readConstants(src)
	}
	for known := -1; known < len(s.forwarders); { // until a round finds no new one
		known = len(s.forwarders)
		for _, src := range s.sources {
			s.eachCall(src, s.forward)
		}
	}
	return s
}

func (s *scan) readConstants(src source) {
	for _, d := range src.file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, spec := range g.Specs {
			v := spec.(*ast.ValueSpec)
			for i, name := range v.Names {
				if i < len(v.Values) {
					if text, ok := literal(v.Values[i]); ok {
						s.constants[src.dir()+"."+name.Name] = text
					}
				}
			}
		}
	}
}

func literal(e ast.Expr) (string, bool) {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(l.Value)
	return text, err == nil
}

// eachCall visits the reason of every call that raises or forwards one.
func (s *scan) eachCall(src source, visit func(src source, in *ast.FuncDecl, reason ast.Expr)) {
	names := importNames(src.file)
	for _, d := range src.file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Body == nil {
			continue
		}
		ast.Inspect(f.Body, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if at, ok := s.reasonOf(src, names, call); ok && at < len(call.Args) {
				visit(src, f, call.Args[at])
			}
			return true
		})
	}
}

func (s *scan) reasonOf(src source, names map[string]string, call *ast.CallExpr) (int, bool) {
	name := ""
	switch f := call.Fun.(type) {
	case *ast.Ident:
		name = f.Name
		if src.dir() == faultDir && (name == "New" || name == "Refuse") {
			return position, true
		}
	case *ast.SelectorExpr:
		name = f.Sel.Name
		if x, ok := f.X.(*ast.Ident); ok && inside(names[x.Name]) == faultDir {
			return position, name == "New" || name == "Refuse"
		}
	}
	at, ok := s.forwarders[forwarder{src.dir(), name, len(call.Args)}]
	return at, ok
}

// forward notes that a function hands its own parameter on.
func (s *scan) forward(src source, in *ast.FuncDecl, reason ast.Expr) {
	if at, count := parameterOf(in, reason); at >= 0 {
		s.forwarders[forwarder{src.dir(), in.Name.Name, count}] = at
	}
}

// parameterOf gives the position of e among the parameters of f, or -1, and how
// many there are.
func parameterOf(f *ast.FuncDecl, e ast.Expr) (at, count int) {
	at = -1
	x, isName := e.(*ast.Ident)
	for _, field := range f.Type.Params.List {
		for _, name := range field.Names {
			if isName && name.Name == x.Name {
				at = count
			}
			count++
		}
	}
	return at, count
}

func (s *scan) raises() []raise {
	var all []raise
	for _, src := range s.sources {
		names := importNames(src.file)
		s.eachCall(src, func(src source, in *ast.FuncDecl, reason ast.Expr) {
			if at, _ := parameterOf(in, reason); at >= 0 {
				return // its callers are looked at
			}
			all = append(all, raise{src.path + " " + in.Name.Name, src.dir(), s.value(src, names, reason)})
		})
	}
	return all
}

func (s *scan) value(src source, names map[string]string, e ast.Expr) string {
	switch x := e.(type) {
	case *ast.Ident:
		return s.constants[src.dir()+"."+x.Name]
	case *ast.SelectorExpr:
		if p, ok := x.X.(*ast.Ident); ok {
			return s.constants[inside(names[p.Name])+"."+x.Sel.Name]
		}
	}
	text, _ := literal(e)
	return text
}

// checkReasons holds what the code raises against the enums, by service; those
// that all share stand under "fault". A reason of another service has no text
// here, and one that nobody raises misleads the clients.
func checkReasons(all []raise, enums map[string][]string) []string {
	var complaints []string
	raised := make(map[string]bool)
	for _, r := range all {
		service, _, _ := strings.Cut(strings.TrimPrefix(r.dir, "services/"), "/")
		raised[service+" "+r.reason], raised["any "+r.reason] = true, true
		listed := slices.Contains(enums["fault"], r.reason) || slices.Contains(enums[service], r.reason)
		if service == "kit" { // it speaks for the service that it runs in
			listed = slices.ContainsFunc(slices.Collect(maps.Values(enums)), func(e []string) bool { return slices.Contains(e, r.reason) })
		}
		switch {
		case r.reason == "":
			complaints = append(complaints, r.at+" raises a reason that is not a constant")
		case !listed:
			complaints = append(complaints, fmt.Sprintf("%s raises %s, which is not in its ErrorReason", r.at, r.reason))
		}
	}
	for service, reasons := range enums {
		for _, reason := range reasons {
			if !raised[service+" "+reason] && !raised["kit "+reason] && (service != "fault" || !raised["any "+reason]) {
				complaints = append(complaints, fmt.Sprintf("nobody raises %s of xunshi.%s.v1", reason, service))
			}
		}
	}
	return complaints
}

// errorReasons gives the reasons by the second word of their package.
func errorReasons(t *testing.T) map[string][]string {
	enums := make(map[string][]string)
	eachFile(t, func(f protoreflect.FileDescriptor) {
		e := f.Enums().ByName("ErrorReason")
		if e == nil {
			return
		}
		for i := 1; i < e.Values().Len(); i++ { // 0 is never sent
			reason := strings.TrimPrefix(string(e.Values().Get(i).Name()), "ERROR_REASON_")
			service := strings.Split(string(f.Package()), ".")[1]
			enums[service] = append(enums[service], reason)
		}
	})
	if len(enums) != 4 {
		t.Fatalf("got the reasons of %d packages, want three services and the shared ones", len(enums))
	}
	return enums
}

func TestReasonsAreListedAndRaised(t *testing.T) {
	all := newScan(must(t, sources)).raises()
	if len(all) < 50 {
		t.Fatalf("found only %d places where a fault is raised", len(all))
	}
	report(t, checkReasons(all, errorReasons(t)))
}

func TestReasonRulesBite(t *testing.T) {
	const head = `package domain
import "github.com/xunshi/xunshi/services/kit/fault"
const reasonState = "STATE"
func require(article, reason string) error { return fault.Refuse(article, reason) }
func (m move) apply(reason string) error { return require("17", reason) }
`
	enums := map[string][]string{"fault": {"SHARED"}, "casefile": {"STATE"}, "scheduling": {"TERM"}}
	for body, want := range map[string]int{
		`func f() { fault.New(fault.Stale, "SHARED"); fault.Refuse("8", reasonState) }`:            1, // nobody raises TERM
		`func f() { fault.New(fault.Stale, "SHARED"); m.apply("STATE") }`:                          1,
		`func f() { fault.New(fault.Stale, "SHARED") }`:                                            2, // nor STATE
		`func f() { fault.New(fault.Stale, "SHARED"); m.apply(reasonState); m.apply("TYPO") }`:     2,
		`func f() { fault.New(fault.Stale, "SHARED"); m.apply(reasonState); m.apply("TERM") }`:     2, // of another service
		`func f() { fault.New(fault.Stale, "SHARED"); m.apply(reasonState); m.apply(row.reason) }`: 2, // not a constant
	} {
		all := newScan([]source{parse(t, "services/casefile/internal/domain/x.go", head+body)}).raises()
		bites(t, checkReasons(all, enums), want, "TERM")
	}
}
