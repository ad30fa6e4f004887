package archtest

import (
	"encoding/csv"
	"flag"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	documentv1 "github.com/xunshi/xunshi/gen/go/xunshi/document/v1"
	policyv1 "github.com/xunshi/xunshi/gen/go/xunshi/policy/v1"
	"github.com/xunshi/xunshi/services/kit/principal"
)

var update = flag.Bool("update", false, "write testdata/http_rules.txt anew")

// citations gives the articles of each method's policy by service and method.
func citations(t *testing.T) map[string][]string {
	t.Helper()
	articles := make(map[string][]string)
	for _, m := range methods(t) {
		access, _ := proto.GetExtension(m.Options(), policyv1.E_Access).(*policyv1.Access)
		articles[string(m.Parent().Name())+"."+string(m.Name())] = access.GetArticles()
	}
	return articles
}

// readComments collects the comments of the methods of a proto by service and
// method: descriptors linked into a program have lost them.
func readComments(text string, comments map[string]string) {
	service := regexp.MustCompile(`^service (\w+)`)
	rpc := regexp.MustCompile(`^\s+rpc (\w+)\(`)
	var name string
	var comment []string
	for line := range strings.Lines(text) {
		if said, ok := strings.CutPrefix(strings.TrimSpace(line), "//"); ok {
			comment = append(comment, strings.TrimSpace(said))
			continue
		}
		if m := service.FindStringSubmatch(line); m != nil {
			name = m[1]
		}
		if m := rpc.FindStringSubmatch(line); m != nil {
			comments[name+"."+m[1]] = strings.Join(comment, " ")
		}
		comment = nil
	}
}

// checkComments wants the comment of each method to begin with its name and to
// cite the articles that its policy cites.
func checkComments(articles map[string][]string, comments map[string]string) []string {
	cited := regexp.MustCompile(`\b[Aa]rts?\b\.? `)
	var complaints []string
	for method, wanted := range articles {
		comment := comments[method]
		_, name, _ := strings.Cut(method, ".")
		if !strings.HasPrefix(comment, name+" ") {
			complaints = append(complaints, method+" has no comment that begins with its name")
			continue
		}
		at := cited.FindStringIndex(comment)
		if at == nil {
			complaints = append(complaints, method+": the comment cites no article")
			continue
		}
		for _, article := range wanted {
			whole := regexp.MustCompile(`(^|\D)` + regexp.QuoteMeta(article) + `($|\D)`)
			if !whole.MatchString(comment[at[1]-1:]) {
				complaints = append(complaints, fmt.Sprintf("%s: the policy rests on article %s, the comment does not cite it", method, article))
			}
		}
	}
	return complaints
}

// rulesOf writes the HTTP rules of a method, one a line.
func rulesOf(m protoreflect.MethodDescriptor) []string {
	if upload, _ := proto.GetExtension(m.Options(), documentv1.E_UploadPath).(string); upload != "" {
		return []string{fmt.Sprintf("POST %s body=file response= %s", upload, m.FullName())}
	}
	rule, _ := proto.GetExtension(m.Options(), annotations.E_Http).(*annotations.HttpRule)
	if rule == nil {
		return nil
	}
	var lines []string
	for _, r := range append([]*annotations.HttpRule{rule}, rule.GetAdditionalBindings()...) {
		verb, path := "?", ""
		switch p := r.GetPattern().(type) {
		case *annotations.HttpRule_Get:
			verb, path = "GET", p.Get
		case *annotations.HttpRule_Post:
			verb, path = "POST", p.Post
		case *annotations.HttpRule_Patch:
			verb, path = "PATCH", p.Patch
		case *annotations.HttpRule_Put:
			verb, path = "PUT", p.Put
		case *annotations.HttpRule_Delete:
			verb, path = "DELETE", p.Delete
		}
		lines = append(lines, fmt.Sprintf("%s %s body=%s response=%s %s", verb, path, r.GetBody(), r.GetResponseBody(), m.FullName()))
	}
	return lines
}

// checkRules compares with what portals were promised.
func checkRules(promised, now []string) []string {
	var complaints []string
	for _, rule := range promised {
		if !slices.Contains(now, rule) {
			complaints = append(complaints, "clients lose this HTTP rule: "+rule)
		}
	}
	for _, rule := range now {
		if !slices.Contains(promised, rule) {
			complaints = append(complaints, "this HTTP rule is not in testdata/http_rules.txt yet; review it, then run with -update: "+rule)
		}
	}
	return complaints
}

// reach tells whether a method is on the REST edge, and whether a person may
// call it at all.
type reach struct {
	method         string
	public, person bool
}

func reachOf(m protoreflect.MethodDescriptor) reach {
	access, _ := proto.GetExtension(m.Options(), policyv1.E_Access).(*policyv1.Access)
	person := slices.ContainsFunc(access.GetAllow(), func(g *policyv1.Grant) bool {
		return slices.ContainsFunc(g.GetParties(), func(p policyv1.Party) bool { return p != policyv1.Party_PARTY_SERVICE })
	})
	return reach{string(m.FullName()), len(rulesOf(m)) > 0, person}
}

// checkReach wants on the REST edge every method that a person may call, and
// none that only services may.
func checkReach(all []reach) []string {
	var complaints []string
	for _, r := range all {
		if r.public != r.person {
			complaints = append(complaints, fmt.Sprintf("%s: on the REST edge is %v, a person may call it is %v", r.method, r.public, r.person))
		}
	}
	return complaints
}

// checkMatrix wants one row of expectations for each method, with a cell for
// each party. Whether they hold is for deploy/e2e.
func checkMatrix(text string, methods []string) []string {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		return []string{"matrix.csv: " + err.Error()}
	}
	if len(rows) == 0 {
		return []string{"matrix.csv is empty"}
	}
	head := []string{"method", "article"}
	for _, p := range principal.Parties() {
		head = append(head, string(p))
	}
	var complaints []string
	if !slices.Equal(rows[0], head) {
		complaints = append(complaints, fmt.Sprintf("matrix.csv begins with %v, want %v", rows[0], head))
	}
	seen := make(map[string]int)
	for _, row := range rows[1:] {
		seen[row[0]]++
		if !slices.Contains(methods, row[0]) {
			complaints = append(complaints, "matrix.csv: there is no method "+row[0])
		}
		if row[1] == "" {
			complaints = append(complaints, row[0]+": the expectation cites no article")
		}
		for i, cell := range row[2:] {
			if !slices.Contains([]string{"-", "province", "own", "task", "addressee", "any"}, cell) {
				complaints = append(complaints, fmt.Sprintf("%s: %q is no expectation for %s", row[0], cell, rows[0][i+2]))
			}
		}
	}
	for _, m := range methods {
		if seen[m] != 1 {
			complaints = append(complaints, fmt.Sprintf("%s has %d rows in deploy/e2e/testdata/matrix.csv, want 1", m, seen[m]))
		}
	}
	return complaints
}

func TestCommentRulesBite(t *testing.T) {
	articles := map[string][]string{"S.Get": {"3", "12(2)"}}
	for text, want := range map[string]string{
		"service S {\n  // Get reads it. (Arts 3, 12(2).)\n  rpc Get(A) returns (B);":    "",
		"service S {\n  // Get reads it, art. 12(2), for\n  // art. 3.\n  rpc Get(A)":    "",
		"service S {\n  rpc Get(A) returns (B);":                                         "no comment",
		"service S {\n  // Reads it. (Arts 3, 12(2).)\n  rpc Get(A) returns (B);":        "no comment",
		"service S {\n  // Get reads it. (Arts 3, 12(2).)\n\n  rpc Get(A) returns (B);":  "no comment",
		"service S {\n  // Get reads 3 of 12(2).\n  rpc Get(A) returns (B);":             "no article",
		"service S {\n  // Get reads it. (Arts 13, 12(2).)\n  rpc Get(A) returns (B);":   "article 3",
		"service Other {\n  // Get reads it. (Arts 3, 12(2).)\n  rpc Get(A) returns (B)": "no comment",
	} {
		comments := make(map[string]string)
		readComments(text, comments)
		bites(t, checkComments(articles, comments), min(1, len(want)), want)
	}
}

func TestHTTPRulesBite(t *testing.T) {
	const a, b = "GET /v1/a body= response= A", "GET /v1/b body= response= B"
	bites(t, checkRules([]string{a}, []string{a}), 0, "")
	bites(t, checkRules([]string{a, b}, []string{a}), 1, "lose")
	bites(t, checkRules([]string{a}, []string{a, b}), 1, "not in testdata")
	bites(t, checkRules([]string{a}, []string{b}), 2, "lose")
	var rules []string
	for _, m := range methods(t) {
		switch m.Name() {
		case "UpdateInspection":
			rules = rulesOf(m)
		case "DeliverEvent":
			if got := reachOf(m); got.public || got.person {
				t.Errorf("events are between services only, got %+v", got)
			}
		}
	}
	want := "PATCH /v1/{inspection.name=provinces/*/inspections/*} body=inspection response= xunshi.scheduling.v1.InspectionService.UpdateInspection"
	if !slices.Equal(rules, []string{want}) {
		t.Errorf("got %q, want %q", rules, want)
	}
	bites(t, checkReach([]reach{{"A", true, true}, {"B", false, false}}), 0, "")
	bites(t, checkReach([]reach{{"A", false, true}, {"B", true, false}}), 2, "B: on the REST edge is true")
}

func TestMatrixRulesBite(t *testing.T) {
	head, dashes := "method,article", ""
	for _, p := range principal.Parties() {
		head += "," + string(p)
		dashes += ",-"
	}
	row := func(method string) string { return "\n" + method + ",8" + dashes }
	only := []string{"S/A"}
	bites(t, checkMatrix(head+row("S/A"), only), 0, "")
	bites(t, checkMatrix(head, only), 1, "S/A has 0 rows")
	bites(t, checkMatrix(head+row("S/A")+row("S/A"), only), 1, "S/A has 2 rows")
	bites(t, checkMatrix(head+row("S/A")+row("S/B"), only), 1, "no method S/B")
	bites(t, checkMatrix(head+strings.Replace(row("S/A"), ",8", ",", 1), only), 1, "cites no article")
	bites(t, checkMatrix(head+strings.Replace(row("S/A"), "-", "all", 1), only), 1, "no expectation")
	bites(t, checkMatrix(strings.Replace(head, "SERVICE", "GUEST", 1)+row("S/A"), only), 1, "begins with")
	bites(t, checkMatrix("", only), 1, "empty")
	bites(t, checkMatrix("a,b\nc", only), 1, "wrong number")
}
