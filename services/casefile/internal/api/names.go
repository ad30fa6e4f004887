package api

import (
	"github.com/xunshi/xunshi/services/casefile/internal/domain"
	"github.com/xunshi/xunshi/services/casefile/internal/store"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/resourcename"
)

// The forms of the names that requests and events carry.
var (
	provinces   = resourcename.Must("provinces/{province}")
	inspections = resourcename.Must("provinces/{province}/inspections/{inspection}")
	cities      = resourcename.Must("provinces/{province}/cities/{city}")
	counties    = resourcename.Must("provinces/{province}/counties/{county}")
	decisions   = resourcename.Must("provinces/{province}/decisions/{decision}")
	caseFiles   = resourcename.Must("provinces/{province}/caseFiles/{case_file}")
	petitions   = resourcename.Must("provinces/{province}/caseFiles/{case_file}/petitions/{petition}")
	papers      = resourcename.Must("provinces/{province}/caseFiles/{case_file}/workingPapers/{working_paper}")
	findings    = resourcename.Must("provinces/{province}/caseFiles/{case_file}/findings/{finding}")
	reports     = resourcename.Must("provinces/{province}/inspectionReports/{inspection_report}")
)

// place is where a name under a province points to.
type place struct {
	province, id string
}

func placeOf(p *resourcename.Pattern, variable, field, name string) (place, error) {
	v, err := p.ParseField(field, name)
	return place{v["province"], v[variable]}, err
}

func caseFileAt(field, name string) (place, error) {
	return placeOf(caseFiles, "case_file", field, name)
}

func reportAt(field, name string) (place, error) {
	return placeOf(reports, "inspection_report", field, name)
}

// keyAt reads the name of a thing within a case file.
func keyAt(p *resourcename.Pattern, variable, field, name string) (domain.Key, error) {
	v, err := p.ParseField(field, name)
	return domain.Key{Province: v["province"], CaseFile: v["case_file"], ID: v[variable]}, err
}

func petitionAt(name string) (domain.Key, error) { return keyAt(petitions, "petition", "name", name) }

func paperAt(field, name string) (domain.Key, error) {
	return keyAt(papers, "working_paper", field, name)
}

func findingAt(field, name string) (domain.Key, error) {
	return keyAt(findings, "finding", field, name)
}

// as names what was not found as the request did: missing and foreign are told
// alike, and nothing else goes in.
func as(name string, err error) error {
	if f, ok := fault.As(err); ok && f.Kind == fault.NotFound && f.Meta[fault.MetaName] == "" {
		return f.With(fault.MetaName, name)
	}
	return err
}

// query lists what is in the case file at the place.
func (p place) query() store.Query { return store.Query{Province: p.province, CaseFile: p.id} }
