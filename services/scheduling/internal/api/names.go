package api

import (
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/filter"
	"github.com/xunshi/xunshi/services/kit/resourcename"
	"github.com/xunshi/xunshi/services/scheduling/internal/domain"
)

// ref is an object as a request names it.
type ref struct {
	province, id string
}

// nameForm is the form of the names of one type of resource.
type nameForm struct {
	pattern  *resourcename.Pattern
	variable string
}

func formOf(pattern, variable string) nameForm {
	return nameForm{resourcename.Must(pattern), variable}
}

// parse reads a name out of a field of a request.
func (f nameForm) parse(field, name string) (ref, error) {
	values, err := f.pattern.ParseField(field, name)
	return ref{values["province"], values[f.variable]}, err
}

// parseIn is parse for a reference to an object of the same province. One of
// another province is answered as if it were not there.
func (f nameForm) parseIn(province, field, name string) (ref, error) {
	r, err := f.parse(field, name)
	if err == nil && r.province != province {
		err = fault.Missing(name)
	}
	return r, err
}

// names are the forms of the names that this service takes.
type names struct {
	province, city, county, term, batch, inspection, group, decision, notice, briefing nameForm
	liaison, liaisonTask, mobilisation                                                 nameForm
	holidayNotice, ruleSet                                                             nameForm
	report, rectification, item, immediate, obligation                                 nameForm // of any service
}

func newNames() names {
	return names{
		province:      formOf("provinces/{province}", "province"),
		city:          formOf("provinces/{province}/cities/{city}", "city"),
		county:        formOf("provinces/{province}/counties/{county}", "county"),
		term:          formOf("provinces/{province}/terms/{term}", "term"),
		batch:         formOf("provinces/{province}/batches/{batch}", "batch"),
		inspection:    formOf("provinces/{province}/inspections/{inspection}", "inspection"),
		group:         formOf("provinces/{province}/inspectionGroups/{inspection_group}", "inspection_group"),
		decision:      formOf("provinces/{province}/decisions/{decision}", "decision"),
		notice:        formOf("provinces/{province}/entryNotices/{entry_notice}", "entry_notice"),
		briefing:      formOf("provinces/{province}/briefings/{briefing}", "briefing"),
		liaison:       formOf("provinces/{province}/liaisonBodies/{liaison_body}", "liaison_body"),
		liaisonTask:   formOf("provinces/{province}/liaisonTasks/{liaison_task}", "liaison_task"),
		mobilisation:  formOf("provinces/{province}/inspections/{inspection}/mobilisationMeeting", "inspection"),
		holidayNotice: formOf("provinces/{province}/holidayNotices/{holiday_notice}", "holiday_notice"),
		ruleSet:       formOf("provinces/{province}/ruleSets/{rule_set}", "rule_set"),
		report:        formOf("provinces/{province}/inspectionReports/{inspection_report}", "inspection_report"),
		rectification: formOf("provinces/{province}/rectifications/{rectification}", "rectification"),
		item:          formOf("provinces/{province}/rectifications/{rectification}/items/{item}", "item"),
		immediate:     formOf("provinces/{province}/immediateRectifications/{immediate_rectification}", "immediate_rectification"),
		obligation:    formOf("provinces/{province}/obligations/{obligation}", "obligation"),
	}
}

// inspectionFilters are the fields that ListInspections may be filtered by.
func (n names) inspectionFilters() (*filter.Table, error) {
	states := make(map[string]any)
	for _, s := range domain.InspectionStates() {
		states["STATE_"+string(s)] = string(s)
	}
	idOf := func(f nameForm) func(string) (any, error) {
		return func(name string) (any, error) {
			r, err := f.parse("filter", name)
			return r.id, err
		}
	}
	return filter.NewTable(map[string]filter.Column{
		"state":  {SQL: "state", Kind: filter.Enum, Values: states},
		"batch":  {SQL: "batch_id", Kind: filter.Name, Convert: idOf(n.batch)},
		"county": {SQL: "county_code", Kind: filter.Name, Convert: idOf(n.county)},
	})
}
