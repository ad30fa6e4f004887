package shared

import (
	"cmp"
	"slices"

	"google.golang.org/protobuf/types/known/timestamppb"

	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
)

// addUp makes one row of each duty and article, in the order of the duties. What
// was counted at several instants is known as of the earliest.
func addUp(answers []answer[*obligationv1.SummarizeComplianceResponse]) *obligationv1.SummarizeComplianceResponse {
	type key struct {
		duty    obligationv1.Obligation_Duty
		article string
	}
	rows := make(map[key]*obligationv1.Compliance)
	sum := &obligationv1.SummarizeComplianceResponse{}
	for _, a := range answers {
		for _, c := range a.content.GetCompliances() {
			row, ok := rows[key{c.GetDuty(), c.GetArticle()}]
			if !ok {
				row = &obligationv1.Compliance{Duty: c.GetDuty(), Article: c.GetArticle()}
				rows[key{c.GetDuty(), c.GetArticle()}] = row
				sum.Compliances = append(sum.Compliances, row)
			}
			row.DueCount += c.GetDueCount()
			row.KeptCount += c.GetKeptCount()
			row.LateCount += c.GetLateCount()
			row.OpenCount += c.GetOpenCount()
			row.OverdueCount += c.GetOverdueCount()
		}
		sum.AsOfTime = earlier(sum.AsOfTime, a.content.GetAsOfTime())
	}
	slices.SortFunc(sum.Compliances, func(a, b *obligationv1.Compliance) int {
		return cmp.Or(cmp.Compare(a.GetDuty(), b.GetDuty()), cmp.Compare(a.GetArticle(), b.GetArticle()))
	})
	return sum
}

func earlier(a, b *timestamppb.Timestamp) *timestamppb.Timestamp {
	if a == nil || b != nil && b.AsTime().Before(a.AsTime()) {
		return b
	}
	return a
}
