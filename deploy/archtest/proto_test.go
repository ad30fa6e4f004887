package archtest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	// All packages of the API.
	_ "github.com/xunshi/xunshi/gen/go/xunshi/audit/v1"
	_ "github.com/xunshi/xunshi/gen/go/xunshi/casefile/v1"
	_ "github.com/xunshi/xunshi/gen/go/xunshi/document/v1"
	_ "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
	_ "github.com/xunshi/xunshi/gen/go/xunshi/fault/v1"
	_ "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
	_ "github.com/xunshi/xunshi/gen/go/xunshi/policy/v1"
	_ "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	_ "github.com/xunshi/xunshi/gen/go/xunshi/regulation/v1"
	_ "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/policy"
)

// eachFile visits the descriptors of all protos below proto/, in order of their
// paths, and fails if one is not linked into this test.
func eachFile(t *testing.T, visit func(protoreflect.FileDescriptor)) {
	t.Helper()
	seen := 0
	for _, name := range must(t, files) {
		path, ok := strings.CutPrefix(name, "proto/")
		if !ok || !strings.HasSuffix(path, ".proto") {
			continue
		}
		d, err := protoregistry.GlobalFiles.FindFileByPath(path)
		if err != nil {
			t.Fatalf("%s: %v: generate it, and import its package here", path, err)
		}
		visit(d)
		seen++
	}
	if seen == 0 {
		t.Fatal("no protos found")
	}
}

func services(t *testing.T) []protoreflect.ServiceDescriptor {
	t.Helper()
	var all []protoreflect.ServiceDescriptor
	eachFile(t, func(f protoreflect.FileDescriptor) {
		for i := range f.Services().Len() {
			all = append(all, f.Services().Get(i))
		}
	})
	if len(all) == 0 {
		t.Fatal("no services found")
	}
	return all
}

func methods(t *testing.T) []protoreflect.MethodDescriptor {
	t.Helper()
	var all []protoreflect.MethodDescriptor
	for _, s := range services(t) {
		for i := range s.Methods().Len() {
			all = append(all, s.Methods().Get(i))
		}
	}
	return all
}

// TestEveryMethodHasAPolicy is the start-up check of the servers over all of
// them; kit/policy proves that it bites.
func TestEveryMethodHasAPolicy(t *testing.T) {
	for _, err := range policy.Check(services(t)...) {
		t.Error(err)
	}
}

// TestNothingInsideLeaves: no city, county or department can be answered with a
// field marked inside_only (arts 8, 10); kit/policy proves that it bites.
func TestNothingInsideLeaves(t *testing.T) {
	for _, err := range policy.Flow(services(t)...) {
		t.Error(err)
	}
}

// TestInsideOnlyIsUsed keeps the test above from passing because no field is
// marked at all.
func TestInsideOnlyIsUsed(t *testing.T) {
	marked := 0
	for _, text := range textOf(t, func(name string) bool { return strings.HasPrefix(name, "proto/xunshi/casefile/") }) {
		if strings.Contains(text, "inside_only) = true") {
			marked++
		}
	}
	if marked == 0 {
		t.Error("no message of the case file is marked inside_only: the flow check checks nothing")
	}
}

func TestEveryMethodCitesItsArticles(t *testing.T) {
	comments := make(map[string]string)
	for _, text := range textOf(t, func(name string) bool { return strings.HasSuffix(name, "_service.proto") }) {
		readComments(text, comments)
	}
	report(t, checkComments(citations(t), comments))
}

func TestHTTPRulesDoNotChange(t *testing.T) {
	golden := filepath.Join("testdata", "http_rules.txt")
	var rules []string
	var reached []reach
	for _, m := range methods(t) {
		rules = append(rules, rulesOf(m)...)
		reached = append(reached, reachOf(m))
	}
	slices.Sort(rules)
	if *update {
		if err := os.WriteFile(golden, []byte(strings.Join(rules, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	report(t, checkRules(strings.Split(strings.TrimSuffix(string(text), "\n"), "\n"), rules))
	report(t, checkReach(reached))
}

func TestEveryMethodHasAnExpectation(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "deploy/e2e/testdata/matrix.csv"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range methods(t) {
		names = append(names, string(m.Parent().FullName())+"/"+string(m.Name()))
	}
	report(t, checkMatrix(string(text), names))
}
