package archtest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// room is a kind of folder and what its packages may import of this module,
// with $1 for the service (design.md §2). What a room may never import from
// elsewhere is in never.
type room struct {
	who   string
	may   []string
	never []string
	deep  bool // what it imports counts at any depth, and nothing else is allowed but the standard library
	tests []string
}

const (
	kit   = `services/kit/.*`
	gen   = `gen/.*`
	wire  = `google\.golang\.org/(protobuf|grpc|genproto).*`
	gorm  = `gorm\.io/.*`
	mainP = `services/([a-z]+)`
)

// rooms are in order: the first that fits a package is its room.
func rooms() []room {
	own := []string{`services/$1`, `services/$1/.*`, kit, gen}
	return []room{
		{who: `services/kit/.*`, may: []string{kit, gen}, tests: []string{kit, gen}},
		{
			who: mainP + `/internal/domain`, deep: true,
			may: []string{`services/kit/(fault|obligation|regulation|workday)`}, tests: own,
		},
		{
			who: mainP + `/internal/store`, tests: own,
			may: []string{`services/$1/internal/domain`, kit}, never: []string{gen, wire},
		},
		{
			who: mainP + `/internal/(?:api|worker)`, tests: own,
			may: []string{`services/$1/internal/(domain|store)`, kit, gen}, never: []string{gorm, `database/sql`},
		},
		{who: mainP + `/migrations`, tests: own},
		{who: mainP + `/cmd/[a-z]+`, may: []string{`services/$1`, kit}, never: []string{gorm}, tests: own},
		{
			who: mainP, tests: own,
			may: []string{`services/$1/internal/(api|store|worker)`, `services/$1/migrations`, kit, gen},
		},
		{who: `gateway(?:/.*)?`, may: []string{`gateway(/.*)?`, kit, gen}, never: []string{gorm}, tests: []string{`gateway(/.*)?`, kit, gen}},
		{who: `deploy/.*`, may: []string{`.*`}, tests: []string{`.*`}},
		{who: `gen/.*`, may: []string{gen}},
	}
}

func matches(patterns []string, service, importPath string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		return regexp.MustCompile("^(?:" + strings.ReplaceAll(p, "$1", service) + ")$").MatchString(importPath)
	})
}

// ours tells whether the path is of this module; standard, whether it is of Go.
func ours(importPath string) bool {
	return regexp.MustCompile(`^(services|gateway|deploy|gen)(/|$)`).MatchString(importPath)
}

func standard(importPath string) bool {
	first, _, _ := strings.Cut(importPath, "/")
	return !ours(importPath) && !strings.Contains(first, ".")
}

// checkImports holds every package against its room, and every room against the
// house: one that stands empty is a rule that checks nothing.
func checkImports(all []pack) []string {
	var complaints []string
	used := make(map[string]int)
	for _, p := range all {
		if p.broken != "" {
			complaints = append(complaints, fmt.Sprintf("%s does not load: %s", p.path, p.broken))
		}
		r, service, ok := roomOf(p.path)
		if !ok {
			complaints = append(complaints, fmt.Sprintf("%s is a package where the house has no room (design.md §2)", p.path))
			continue
		}
		used[r.who]++
		complaints = append(complaints, checkRoom(p, r, service)...)
	}
	for _, r := range rooms() {
		if used[r.who] == 0 {
			complaints = append(complaints, fmt.Sprintf("no package matches %s: the rule checks nothing", r.who))
		}
	}
	return complaints
}

func roomOf(importPath string) (room, string, bool) {
	for _, r := range rooms() {
		if m := regexp.MustCompile("^" + r.who + "$").FindStringSubmatch(importPath); m != nil {
			service := ""
			if len(m) > 1 {
				service = m[1]
			}
			return r, service, true
		}
	}
	return room{}, "", false
}

func checkRoom(p pack, r room, service string) []string {
	var complaints []string
	imports := p.imports
	if r.deep {
		imports = p.deps
	}
	for _, i := range imports {
		allowed := standard(i) || matches(r.may, service, i) || !ours(i) && !r.deep
		if !allowed || matches(r.never, service, i) {
			complaints = append(complaints, fmt.Sprintf("%s imports %s", p.path, i))
		}
	}
	for _, i := range p.testImports {
		if ours(i) && !matches(r.tests, service, i) {
			complaints = append(complaints, fmt.Sprintf("a test of %s imports %s", p.path, i))
		}
	}
	return complaints
}

// checkHelpers keeps what is made for tests out of what runs: a clock that can
// be set, a policy that can be switched off, throw-away databases.
func checkHelpers(all []pack) []string {
	var complaints []string
	found := 0
	for _, p := range all {
		if helper(p.path) {
			found++
			continue
		}
		if strings.HasPrefix(p.path, "deploy/") {
			continue
		}
		for _, d := range p.deps {
			if helper(d) || strings.HasPrefix(d, "deploy/") {
				complaints = append(complaints, fmt.Sprintf("%s needs %s, which is not for production", p.path, d))
			}
		}
	}
	for _, p := range all {
		for _, i := range p.imports {
			if i == policySwitch || strings.HasSuffix(i, "clocktest") || strings.HasSuffix(i, "/virtualclock") && !strings.HasPrefix(p.path, "deploy/devstack") {
				complaints = append(complaints, fmt.Sprintf("%s imports %s outside its tests", p.path, i))
			}
		}
	}
	if found == 0 {
		complaints = append(complaints, "no test helper found: the rule checks nothing")
	}
	return complaints
}

const policySwitch = "services/kit/grpcserver/grpcservertest"

// helper tells packages such as pgtest and clocktest by their names.
func helper(importPath string) bool {
	return ours(importPath) && (strings.HasSuffix(importPath, "test") || strings.HasSuffix(importPath, "/virtualclock"))
}

func TestImportDirections(t *testing.T) { report(t, checkImports(must(t, packages))) }

func TestNothingOfTestsRunsInProduction(t *testing.T) { report(t, checkHelpers(must(t, packages))) }
