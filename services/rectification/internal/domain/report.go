package domain

import (
	"slices"
	"time"

	"github.com/xunshi/xunshi/services/kit/fault"
)

const reportState = "REPORT_STATE_INVALID"

// Account is what the report says of one item.
type Account struct {
	Number   int32
	State    ItemState
	Evidence string
}

// Report is the county's rectification report (整改情况报告, art. 17).
type Report struct{ r ReportRecord }

// ReportRecord is what is known of a report.
type ReportRecord struct {
	Submission
	Accounts []Account
}

// RehydrateReport is for the store only.
func RehydrateReport(r ReportRecord) *Report { return &Report{r} }

// Record is a copy of what is known of it.
func (r *Report) Record() ReportRecord { return r.r }

// write replaces the accounts. A draft may be incomplete, but it says one thing
// of an item.
func (r *Report) write(accounts []Account, now time.Time) error {
	if err := require(r.r.State, artPlan, reportState, withCounty...); err != nil {
		return err
	}
	if numbers := accountNumbers(accounts); len(slices.Compact(numbers)) != len(accounts) {
		return fault.Refuse(artPlan, "NUMBERING_INVALID")
	}
	r.r.Accounts, r.r.UpdateTime = accounts, now
	return nil
}

// Review is the one reply to the report (须经巡视组审核, art. 17).
func (r *Report) Review(reply *Reply, by Replier, now time.Time) error {
	return r.r.review(reply, by, accountNumbers(r.r.Accounts), reportState, now)
}

// Forward passes the report on through the office (art. 17).
func (r *Report) Forward(by, replier string, now time.Time) error {
	return r.r.forward(by, replier, reportState, now)
}

// checkComplete wants an account of each item and of nothing else, and names all that is
// missing or astray (art. 17).
func (r *Report) checkComplete(items []int32, s Signature) error {
	told := accountNumbers(r.r.Accounts)
	var missing, unknown []int32
	for _, n := range items {
		if !slices.Contains(told, n) {
			missing = append(missing, n)
		}
	}
	for _, n := range told {
		if !slices.Contains(items, n) {
			unknown = append(unknown, n)
		}
	}
	var l lacking
	l.add(gap{"accounts", "ITEM_WITHOUT_ACCOUNT", "items", missing}, "REPORT_INCOMPLETE", "items")
	l.add(gap{"accounts.number", "ITEM_UNKNOWN", "items", unknown}, "REPORT_INCOMPLETE", "items")
	if l.refusal != nil {
		l.refusal = l.refusal.With("items", list(slices.Concat(missing, unknown)))
	}
	l.uncommitted(s)
	return l.err()
}

func (r *Report) copyToCity(id string, now time.Time) *Delivery {
	return r.r.copyToCity(id, DeliverReportCopy, Content{Accounts: slices.Clone(r.r.Accounts)}, now)
}

// accountNumbers gives the numbers in order, repeats included.
func accountNumbers(accounts []Account) []int32 {
	numbers := make([]int32, len(accounts))
	for i, a := range accounts {
		numbers[i] = a.Number
	}
	slices.Sort(numbers)
	return numbers
}
