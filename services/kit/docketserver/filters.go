package docketserver

import (
	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/filter"
	"github.com/xunshi/xunshi/services/kit/resourcename"
)

// obligationFilters are the fields that ListObligations may be filtered by. A name
// of another province is none of the list.
func obligationFilters(province string) *filter.Table {
	return filter.Must(map[string]filter.Column{
		"state":      {SQL: "state", Kind: filter.Enum, Values: stored(obligationv1.Obligation_State_name, "STATE_")},
		"duty":       {SQL: "duty", Kind: filter.Enum, Values: stored(obligationv1.Obligation_Duty_name, "DUTY_")},
		"article":    {SQL: "article", Kind: filter.Text},
		"subject":    {SQL: "subject", Kind: filter.Text},
		"soft":       {SQL: "soft", Kind: filter.Bool},
		"due_date":   {SQL: "due_date", Kind: filter.Date},
		"county":     {SQL: "county_code", Kind: filter.Name, Convert: idOf(province, "counties", "county")},
		"city":       {SQL: "city_code", Kind: filter.Name, Convert: idOf(province, "cities", "city")},
		"inspection": {SQL: "inspection_id", Kind: filter.Name, Nullable: true, Convert: idOf(province, "inspections", "inspection")},
	})
}

// notificationFilters are the fields that ListNotifications may be filtered by.
func notificationFilters() *filter.Table {
	return filter.Must(map[string]filter.Column{
		"acknowledged": {SQL: "acknowledged", Kind: filter.Bool},
		"kind":         {SQL: "kind", Kind: filter.Enum, Values: stored(obligationv1.Notification_Kind_name, "KIND_")},
		"duty":         {SQL: "duty", Kind: filter.Enum, Values: stored(obligationv1.Obligation_Duty_name, "DUTY_")},
		"article":      {SQL: "article", Kind: filter.Text},
	})
}

// stored maps the names of an enum to what the table has: the same without prefix.
func stored(names map[int32]string, prefix string) map[string]any {
	values := make(map[string]any)
	for number, name := range names {
		if number != 0 {
			values[name] = name[len(prefix):]
		}
	}
	return values
}

func idOf(province, collection, variable string) func(string) (any, error) {
	pattern := resourcename.Must("provinces/{province}/" + collection + "/{" + variable + "}")
	return func(name string) (any, error) {
		values, err := pattern.Parse(name)
		if err == nil && values["province"] != province {
			err = fault.Missing(name)
		}
		return values[variable], err
	}
}
