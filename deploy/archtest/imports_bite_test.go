package archtest

import (
	"slices"
	"testing"
)

// house is a lawful tree with one package in each room.
func house() []pack {
	return []pack{
		{path: "services/kit/fault", imports: []string{"errors"}},
		{path: "services/kit/clock/clocktest", imports: []string{"time"}},
		{path: "services/casefile/internal/domain", deps: []string{"time", "services/kit/fault"}},
		{path: "services/casefile/internal/store", imports: []string{"gorm.io/gorm", "services/kit/pg", "services/casefile/internal/domain"}},
		{path: "services/casefile/internal/api", imports: []string{"google.golang.org/grpc", "gen/go/xunshi/casefile/v1", "services/casefile/internal/store"}},
		{path: "services/casefile/migrations", imports: []string{"embed"}},
		{path: "services/casefile/cmd/casefile", imports: []string{"services/casefile"}},
		{path: "services/casefile", imports: []string{"services/casefile/internal/api"}},
		{path: "gateway", imports: []string{"services/kit/fault"}},
		{path: "deploy/devstack", imports: []string{"services/casefile", "gateway"}},
		{path: "gen/go/xunshi/casefile/v1"},
	}
}

func with(change func(*pack), where string) []pack {
	all := house()
	change(&all[slices.IndexFunc(all, func(p pack) bool { return p.path == where })])
	return all
}

func importing(what string) func(*pack) {
	return func(p *pack) { p.imports = append(p.imports, what) }
}

func TestImportRulesBite(t *testing.T) {
	bites(t, checkImports(house()), 0, "")
	for name, tt := range map[string]struct {
		where, what string
	}{
		"store knows protobuf":         {"services/casefile/internal/store", "google.golang.org/protobuf/proto"},
		"store knows generated code":   {"services/casefile/internal/store", "gen/go/xunshi/casefile/v1"},
		"store knows api":              {"services/casefile/internal/store", "services/casefile/internal/api"},
		"api knows gorm":               {"services/casefile/internal/api", "gorm.io/gorm"},
		"api knows the root":           {"services/casefile/internal/api", "services/casefile"},
		"root knows domain":            {"services/casefile", "services/casefile/internal/domain"},
		"cmd knows api":                {"services/casefile/cmd/casefile", "services/casefile/internal/api"},
		"a service knows another":      {"services/casefile", "services/scheduling"},
		"migrations know kit":          {"services/casefile/migrations", "services/kit/pg"},
		"kit knows a service":          {"services/kit/fault", "services/casefile"},
		"gateway knows a service":      {"gateway", "services/casefile"},
		"a service knows the devstack": {"services/casefile", "deploy/devstack"},
	} {
		t.Run(name, func(t *testing.T) {
			bites(t, checkImports(with(importing(tt.what), tt.where)), 1, tt.where+" imports "+tt.what)
		})
	}
}

func TestDomainIsPureAtAnyDepth(t *testing.T) {
	for _, what := range []string{"gorm.io/gorm", "google.golang.org/protobuf/proto", "google.golang.org/grpc", "services/kit/pg", "github.com/google/uuid"} {
		deep := func(p *pack) { p.deps = append(p.deps, what) }
		bites(t, checkImports(with(deep, "services/casefile/internal/domain")), 1, what)
	}
}

func TestImportRulesSeeTestsAndGaps(t *testing.T) {
	foreign := func(p *pack) { p.testImports = []string{"services/scheduling"} }
	bites(t, checkImports(with(foreign, "services/casefile")), 1, "a test of services/casefile")
	broken := func(p *pack) { p.broken = "no such package" }
	bites(t, checkImports(with(broken, "gateway")), 1, "does not load")
	bites(t, checkImports(append(house(), pack{path: "services/casefile/internal/util"})), 1, "no room")
	empty := slices.DeleteFunc(house(), func(p pack) bool { return p.path == "gateway" })
	bites(t, checkImports(empty), 1, "no package matches gateway")
}

func TestHelperRulesBite(t *testing.T) {
	bites(t, checkHelpers(house()), 0, "")
	for _, what := range []string{"services/kit/clock/clocktest", "deploy/devstack/virtualclock", "deploy/devstack"} {
		deep := func(p *pack) { p.deps = append(p.deps, what) }
		bites(t, checkHelpers(with(deep, "services/casefile/cmd/casefile")), 1, what)
	}
	bites(t, checkHelpers(with(importing(policySwitch), "deploy/devstack")), 1, policySwitch)
	bites(t, checkHelpers(with(importing("deploy/devstack/virtualclock"), "gateway")), 1, "virtualclock")
	bites(t, checkHelpers(with(importing("deploy/devstack/virtualclock"), "deploy/devstack")), 0, "")
	bites(t, checkHelpers([]pack{{path: "gateway"}}), 1, "checks nothing")
}
