package archtest

import (
	"fmt"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	policyv1 "github.com/xunshi/xunshi/gen/go/xunshi/policy/v1"
)

// withoutReceipt are the writes of a county or a city by which it hands nothing in.
func withoutReceipt() map[protoreflect.FullName]string {
	const draft = "a draft is the county's own until it submits it (art. 17)"
	return map[protoreflect.FullName]string{
		"xunshi.obligation.v1.NotificationService.AcknowledgeNotification":             "it takes note of a reminder",
		"xunshi.rectification.v1.RectificationPlanService.UpdateRectificationPlan":     draft,
		"xunshi.rectification.v1.RectificationReportService.UpdateRectificationReport": draft,
	}
}

// submission is a write as far as receipts go.
type submission struct {
	method  protoreflect.FullName
	granted bool // to a county or a city
	receipt bool
}

func submissionOf(m protoreflect.MethodDescriptor) (submission, bool) {
	access, _ := proto.GetExtension(m.Options(), policyv1.E_Access).(*policyv1.Access)
	granted := slices.ContainsFunc(access.GetAllow(), func(g *policyv1.Grant) bool {
		return slices.ContainsFunc(g.GetParties(), func(p policyv1.Party) bool {
			return p == policyv1.Party_PARTY_COUNTY_COMMITTEE || p == policyv1.Party_PARTY_CITY_COMMITTEE || p == policyv1.Party_PARTY_CITY_LIAISON_BODY
		})
	})
	return submission{m.FullName(), granted, access.GetReceipt()}, m.Input().Fields().ByName("request_id") != nil
}

// checkReceipts wants a receipt for every write of a county or a city, but for those with
// a reason, and for no other write (adr 0013).
func checkReceipts(all []submission, without map[protoreflect.FullName]string) []string {
	var complaints []string
	seen := make(map[protoreflect.FullName]bool)
	for _, s := range all {
		seen[s.method] = true
		reason := without[s.method]
		switch {
		case s.granted && !s.receipt && reason == "":
			complaints = append(complaints, fmt.Sprintf("%s is a submission of a county or a city: set receipt: true, or give a reason here", s.method))
		case s.receipt && reason != "":
			complaints = append(complaints, fmt.Sprintf("%s gives a receipt, and here is a reason why not: %s", s.method, reason))
		case s.receipt && !s.granted:
			complaints = append(complaints, fmt.Sprintf("%s gives receipts, and no county or city may call it", s.method))
		}
	}
	for method := range without {
		if !seen[method] {
			complaints = append(complaints, fmt.Sprintf("there is no write %s", method))
		}
	}
	return complaints
}

func TestEverySubmissionGivesAReceipt(t *testing.T) {
	var all []submission
	for _, m := range methods(t) {
		if s, write := submissionOf(m); write {
			all = append(all, s)
		}
	}
	report(t, checkReceipts(all, withoutReceipt()))
}

func TestReceiptRulesBite(t *testing.T) {
	without := map[protoreflect.FullName]string{"W": "a reason"}
	bites(t, checkReceipts([]submission{{"A", true, true}, {"B", false, false}, {"W", true, false}}, without), 0, "")
	bites(t, checkReceipts([]submission{{"A", true, false}, {"W", true, false}}, without), 1, "set receipt")
	bites(t, checkReceipts([]submission{{"A", false, true}, {"W", true, false}}, without), 1, "no county or city")
	bites(t, checkReceipts([]submission{{"W", true, true}}, without), 1, "a reason why not")
	bites(t, checkReceipts(nil, without), 1, "no write W")
}
