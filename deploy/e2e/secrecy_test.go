package e2e_test

import (
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// TestArts8To17NothingOfTheInsideReachesCountyOrCity: whatever the county and the
// bodies of its city read, by any method and with any name, no answer holds a text
// of the inside: letters, working papers, findings, reports, the grounds of
// immediate rectification, what was said to the city, a feedback that is not given.
// What a county has not submitted nobody else reads either.
func TestArts8To17NothingOfTheInsideReachesCountyOrCity(t *testing.T) {
	wideWorld(t)
	for _, l := range []*life{own, foreign, far, early, drafted} {
		t.Run(l.leader, func(t *testing.T) {
			for _, party := range []string{"COUNTY_COMMITTEE", "CITY_COMMITTEE", "CITY_LIAISON_BODY", "DISCIPLINE_ORGAN",
				"ORGANIZATION_DEPARTMENT", "OTHER_DEPARTMENT"} {
				for method, mark := range readMarks(t, l, party) {
					if mark == notForOutside || party != "COUNTY_COMMITTEE" {
						t.Errorf("%s reads %s by %s", party, mark, method)
					}
				}
			}
		})
	}
	// The marks are there to be found.
	if marks := readMarks(t, own, "INSPECTION_GROUP"); len(marks) < 6 {
		t.Errorf("the group itself reads marked texts only by %v", marks)
	}
	if marks := readMarks(t, early, "COUNTY_COMMITTEE"); marks["xunshi.rectification.v1.RectificationPlanService/GetRectificationPlan"] != notSubmitted {
		t.Errorf("the county itself reads marked texts only by %v", marks)
	}
	for _, party := range []string{"INSPECTION_GROUP", "INSPECTION_OFFICE", "LEADING_GROUP"} {
		for method, mark := range readMarks(t, early, party) {
			if mark == notSubmitted {
				t.Errorf("%s reads by %s what the county has not submitted (art. 17)", party, method)
			}
		}
	}
}

// readMarks has a party of a life read all there is and gives the methods whose
// answers held a marked text.
func readMarks(t *testing.T, l *life, party string) map[string]string {
	t.Helper()
	s := situation{asks: l, has: l, leader: l.leader, province: sichuan}
	ask := s.asker(t, party)
	found := map[string]string{}
	for _, m := range methods() {
		if isWrite(m) || !overREST(m) {
			continue
		}
		names := []string{l.held(pattern(m), party), l.objects()[pattern(m)]}
		if pattern(m) == "provinces/*/deliveries/*" {
			names = append(names, l.delivery, l.cityDelivery, l.notified)
		}
		slices.Sort(names)
		for _, name := range slices.Compact(names) {
			if name == "" {
				continue
			}
			req := request(m, l, name)
			if size := m.Input().Fields().ByName("page_size"); size != nil {
				req.ProtoReflect().Set(size, protoreflect.ValueOfInt32(200))
			}
			_, answer := ask.grpc(t, m, req, name)
			answer += ask.reads(t, m, req)
			for _, mark := range []string{notForOutside, notSubmitted} {
				if strings.Contains(answer, mark) {
					found[full(m)] = mark
				}
			}
		}
	}
	return found
}
