package gateway

import (
	"net/url"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/utilities"

	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
)

// TestADayIsWrittenAsPeopleDo: a day in a query is 2026-08-31, or its three parts.
func TestADayIsWrittenAsPeopleDo(t *testing.T) {
	for query, want := range map[string]bool{
		"startDate=2026-08-31":                                        true,
		"start_date=2026-08-31":                                       true,
		"startDate.year=2026&startDate.month=8&startDate.day=31":      true,
		"startDate=2026-02-30":                                        false,
		"startDate=31.8.2026":                                         false,
		"startDate=":                                                  false,
		"startDate=2026-08-31&startDate=2026-08-31":                   false,
		"startDate=2026-08-31&startDate.day=1":                        false,
		"startDate.year=2026&startDate.month=8&startDate.day=31&x=1":  false,
		"startDate=2026-08-31&clock=plan&knownDate=2026-08-30&rule=1": false,
	} {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		req := &schedulingv1.ComputeDeadlinesRequest{}
		err = strictQuery{}.Parse(req, values, utilities.NewDoubleArray(nil))
		if (err == nil) != want {
			t.Errorf("%s: %v", query, err)
		}
		if d := req.GetStartDate(); want && (d.GetYear() != 2026 || d.GetMonth() != 8 || d.GetDay() != 31) {
			t.Errorf("%s: read as %v", query, d)
		}
	}
}
