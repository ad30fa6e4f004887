package domain_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

// TestArt15GuidanceInEveryState of the case: until it is closed.
func TestArt15GuidanceInEveryState(t *testing.T) {
	for _, s := range domain.RectificationStates() {
		record := rectification(t, s).Record()
		received := day(t, "2024-02-20")
		record.ReceiveDate = received
		r := domain.RehydrateRectification(record)
		g, err := r.Guide(domain.Guidance{ID: "g1", Date: received, Content: "督促", Signer: "甲", AuthorParty: "CITY_COMMITTEE"}, noon(t, today))
		if s == domain.RectificationClosed {
			refused(t, err, "RECTIFICATION_STATE_INVALID", "15(3)")
			continue
		}
		ok(t, err)
		if g.Rectification != r.Record().ID || g.Place != r.Record().Place || !g.CreateTime.Equal(noon(t, today)) {
			t.Errorf("in %s: %+v", s, g)
		}
		for _, bad := range []string{received.AddDays(-1).String(), "2024-02-27"} {
			_, err := r.Guide(domain.Guidance{Date: day(t, bad)}, noon(t, today))
			refused(t, err, "DATE_OUT_OF_ORDER", "15(3)")
		}
	}
}

// TestArt15CityMeasuresAreOfTheFeedback: on its problems, in every state of the case, and
// the duty is met by one.
func TestArt15CityMeasuresAreOfTheFeedback(t *testing.T) {
	for _, s := range domain.RectificationStates() {
		r := rectification(t, s)
		last := int32(len(r.Record().Problems))
		m, dues, err := r.DirectMeasure(domain.CityMeasureRecord{ID: "m1", Body: "市审计局", Description: "专项审计",
			Problems: []int32{1, last}, Due: day(t, today)}, moment(t, today))
		ok(t, err)
		if m.Record().State != domain.CityMeasurePlanned || m.Record().Rectification != r.Record().ID || m.Record().Version != 1 {
			t.Errorf("in %s: %+v", s, m.Record())
		}
		if diff := cmp.Diff([]domain.Met{{Duty: regulation.DutyCityMeasures}}, dues.Met); diff != "" {
			t.Errorf("met (-want +got):\n%s", diff)
		}
		_, _, err = r.DirectMeasure(domain.CityMeasureRecord{Problems: []int32{1, last + 1, 0}, Due: day(t, today)}, moment(t, today))
		if f := refused(t, err, "PROBLEM_UNKNOWN", "15(4)"); f.Meta["problems"] != "4,0" {
			t.Errorf("metadata %v", f.Meta)
		}
		_, _, err = r.DirectMeasure(domain.CityMeasureRecord{Problems: []int32{1}, Due: day(t, "2024-02-25")}, moment(t, today))
		refused(t, err, "DATE_OUT_OF_ORDER", "15(4)")
	}
}

// TestArt15CityMeasureInEveryState: every report in every state.
func TestArt15CityMeasureInEveryState(t *testing.T) {
	for _, from := range domain.CityMeasureStates() {
		for _, to := range domain.CityMeasureStates() {
			t.Run(string(from)+"/"+string(to), func(t *testing.T) {
				before := domain.CityMeasureRecord{State: from, Version: 3}
				m := domain.RehydrateCityMeasure(before)
				err := m.Report(to, "已办", noon(t, today))
				if from == domain.CityMeasureDone || to == domain.CityMeasurePlanned {
					refused(t, err, "CITY_MEASURE_STATE_INVALID", "15(4)")
					if diff := cmp.Diff(before, m.Record()); diff != "" {
						t.Errorf("a refused report changed (-before +after):\n%s", diff)
					}
					return
				}
				ok(t, err)
				want := []domain.CityMeasureUpdate{{State: to, Text: "已办", Time: noon(t, today)}}
				if diff := cmp.Diff(want, m.Record().Updates); diff != "" || m.Record().State != to {
					t.Errorf("became %s (-want +got):\n%s", m.Record().State, diff)
				}
			})
		}
	}
}
