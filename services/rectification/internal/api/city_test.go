package api_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
)

func (w *world) guide(k task) *rectificationv1.CreateCityGuidanceRequest {
	return &rectificationv1.CreateCityGuidanceRequest{Parent: k.rectification, RequestId: requestID(),
		CityGuidance: &rectificationv1.CityGuidance{GuideDate: w.today(), Content: "请对照反馈意见逐项制定措施", Signer: "孙，市委常委"}}
}

func (w *world) direct(k task, problems ...int32) *rectificationv1.CreateCityMeasureRequest {
	return &rectificationv1.CreateCityMeasureRequest{Parent: k.rectification, RequestId: requestID(),
		CityMeasure: &rectificationv1.CityMeasure{Body: "市审计局", Description: "开展专项审计", ProblemNumbers: problems, DueDate: w.today()}}
}

func tell(m *rectificationv1.CityMeasure, s rectificationv1.CityMeasure_State) *rectificationv1.ReportCityMeasureRequest {
	return &rectificationv1.ReportCityMeasureRequest{Name: m.GetName(), State: s, Text: "已进点", Etag: m.GetEtag(), RequestId: requestID()}
}

func (w *world) register(token string, k task) []*rectificationv1.CityMeasure {
	w.t.Helper()
	return do(w.registers.ListCityMeasures(w.as(token), &rectificationv1.ListCityMeasuresRequest{Parent: k.rectification}))(w.t).GetCityMeasures()
}

// citySteps are what the city does on a case, each writing in its turn.
func (w *world) citySteps(k task) []step {
	both := []string{k.city, k.liaison}
	report := func(s rectificationv1.CityMeasure_State) func(context.Context, *world) error {
		return func(ctx context.Context, at *world) error {
			_, err := at.registers.ReportCityMeasure(ctx, tell(w.register(office, k)[0], s))
			return err
		}
	}
	return []step{
		{"CreateCityGuidance", both, func(ctx context.Context, at *world) error {
			_, err := at.guidances.CreateCityGuidance(ctx, w.guide(k))
			return err
		}},
		{"CreateCityMeasure", both[:1], func(ctx context.Context, at *world) error {
			_, err := at.registers.CreateCityMeasure(ctx, w.direct(k, 1, 3))
			return err
		}},
		{"ReportCityMeasure", both, report(rectificationv1.CityMeasure_STATE_IN_PROGRESS)},
		{"ReportCityMeasure, done", both, report(rectificationv1.CityMeasure_STATE_DONE)},
	}
}

// TestArt15EachStepIsOfTheCity: at every step all others are refused and change nothing,
// by both layers and by row-level security alone.
func TestArt15EachStepIsOfTheCity(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.planning(w.jinjiang())
	w.eachOfOneBody(k, w.citySteps(k))
}

// TestArt15TheCityGuidesAndTheCountyReads: from the copy of the feedback on; the county
// reads what it was told and nothing of the city's own measures.
func TestArt15TheCityGuidesAndTheCountyReads(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	drill := w.without()
	f, k := w.received(w.jinjiang())
	_, err := w.guidances.CreateCityGuidance(w.as(k.city), w.guide(k))
	refused(t, err, "NOT_FOUND", "")
	_, err = w.registers.CreateCityMeasure(w.as(k.city), w.direct(k, 1))
	refused(t, err, "NOT_FOUND", "")
	do(w.feedbacks.CopyFeedbackToCity(w.as(office), copyToCity(f)))(t)

	written := do(w.guidances.CreateCityGuidance(w.as(k.city), w.guide(k)))(t)
	second := do(w.guidances.CreateCityGuidance(w.as(k.liaison), w.guide(k)))(t)
	if written.GetAuthorParty().String() != "PARTY_CITY_COMMITTEE" || second.GetAuthorParty().String() != "PARTY_CITY_LIAISON_BODY" {
		t.Errorf("written %v, %v", written, second)
	}
	m := do(w.registers.CreateCityMeasure(w.as(k.city), w.direct(k, 1, 3)))(t)
	m = do(w.registers.ReportCityMeasure(w.as(k.liaison), tell(m, rectificationv1.CityMeasure_STATE_IN_PROGRESS)))(t)
	if len(m.GetUpdates()) != 1 || m.GetState() != rectificationv1.CityMeasure_STATE_IN_PROGRESS || m.GetEtag() != `"2"` {
		t.Errorf("measure %v", m)
	}
	for layer, at := range map[string]*world{"both layers": w, "row-level security alone": drill} {
		sees := func(token string) (all []string) {
			t.Helper()
			g, err := at.guidances.GetCityGuidance(at.as(token), &rectificationv1.GetCityGuidanceRequest{Name: written.GetName()})
			if all = append(all, seen(t, "guidance", 1, err)...); err == nil && !proto.Equal(g, written) {
				t.Errorf("%s reads %v, written as %v", token, g, written)
			}
			log, err := at.guidances.ListCityGuidances(at.as(token), &rectificationv1.ListCityGuidancesRequest{Parent: k.rectification})
			all = append(all, seen(t, "guidances", len(log.GetCityGuidances()), err)...)
			_, err = at.registers.GetCityMeasure(at.as(token), &rectificationv1.GetCityMeasureRequest{Name: m.GetName()})
			all = append(all, seen(t, "measure", 1, err)...)
			list, err := at.registers.ListCityMeasures(at.as(token), &rectificationv1.ListCityMeasuresRequest{Parent: k.rectification})
			return append(all, seen(t, "measures", len(list.GetCityMeasures()), err)...)
		}
		for token, want := range map[string][]string{
			k.county: {"guidance", "guidances"}, k.city: {"guidance", "guidances", "measure", "measures"},
			k.liaison: {"guidance", "guidances", "measure", "measures"}, k.group: {"guidance", "guidances", "measure", "measures"},
			office: {"guidance", "guidances", "measure", "measures"}, leading: {"guidance", "guidances", "measure", "measures"},
		} {
			if got := sees(token); !slices.Equal(got, want) {
				t.Errorf("%s: %s sees %v, want %v", layer, token, got, want)
			}
		}
		for _, token := range strangers() {
			if got := sees(token); got != nil {
				t.Errorf("%s: %s sees %v", layer, token, got)
			}
		}
	}
}

// TestArt15ForeignIsMissing: another county's case of the same city is another's: what
// stands on it is not found under this one's name.
func TestArt15ForeignIsMissing(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k, other := w.planning(w.jinjiang()), w.planning(w.authorize("510105", "510100", "zhao"))
	g := do(w.guidances.CreateCityGuidance(w.as(k.city), w.guide(k)))(t)
	m := do(w.registers.CreateCityMeasure(w.as(k.city), w.direct(k, 1)))(t)
	for _, name := range []string{g.GetName(), m.GetName()} {
		mixed := strings.Replace(name, k.rectification, other.rectification, 1)
		absent := k.rectification + "/cityGuidances/" + uuid.NewString()
		for _, n := range []string{mixed, absent} {
			_, err := w.guidances.GetCityGuidance(w.as(k.city), &rectificationv1.GetCityGuidanceRequest{Name: n})
			if code := status.Code(err); code != codes.NotFound && code != codes.InvalidArgument {
				t.Errorf("%s: %v", n, err)
			}
		}
	}
	if list := w.register(k.city, other); len(list) != 0 {
		t.Errorf("under the other case stand %v", list)
	}
}

// TestArt15CityMeasuresLeftEmptyAreRemindedOf: the city owes them from the copy on, is
// reminded while there are none, and meets it by the first; its county never knows.
func TestArt15CityMeasuresLeftEmptyAreRemindedOf(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.planning(w.jinjiang())
	open, mine := "CITY_MEASURES due 2024-04-09 OPEN", func(lines []string) []string {
		return slices.DeleteFunc(lines, func(line string) bool { return !strings.HasPrefix(line, "CITY_MEASURES") })
	}
	for token, want := range map[string][]string{k.city: {open}, k.liaison: {open}, office: {open}, k.group: {open}, k.county: {}} {
		if got := mine(w.obligations(token)); !slices.Equal(got, want) {
			t.Errorf("%s sees %v, want %v", token, got, want)
		}
	}
	w.round("2024-04-16") // five working days after it was due
	if got := mine(w.told(k.city)); !slices.Contains(got, "CITY_MEASURES OVERDUE 2024-04-09") {
		t.Errorf("the city was told %v", got)
	}
	if got := mine(w.told(office)); !slices.Contains(got, "CITY_MEASURES OVERDUE 2024-04-09") {
		t.Errorf("the office was told %v", got)
	}
	if got := mine(w.told(k.county)); len(got) != 0 {
		t.Errorf("the county was told %v", got)
	}
	do(w.registers.CreateCityMeasure(w.as(k.city), w.direct(k, 1)))(t) // late is recorded, not refused
	met := "CITY_MEASURES due 2024-04-09 SATISFIED 2024-04-16"
	for range 2 {
		for token, want := range map[string][]string{k.city: {met}, k.liaison: {met}, office: {met}, k.county: {}} {
			if got := mine(w.obligations(token)); !slices.Equal(got, want) {
				t.Errorf("%s sees %v, want %v", token, got, want)
			}
		}
		do(w.registers.CreateCityMeasure(w.as(k.city), w.direct(k, 2)))(t) // a second meets nothing anew
	}
}

// TestArt15TablesHoldTheRegister: in plain SQL, nobody writes in another's name, on a case
// that it does not see, or what was said before.
func TestArt15TablesHoldTheRegister(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	f, k := w.received(w.jinjiang())
	guidance := func(name, token, party, date string) write {
		return write{name, token, `INSERT INTO city_guidance SELECT province, gen_random_uuid(), id, inspection_id, county_code, '510100',
'` + date + `', 'x', 'x', '` + party + `', now() FROM rectification`}
	}
	measure := func(name, token, state string) write {
		return write{name, token, `INSERT INTO city_measure SELECT province, gen_random_uuid(), id, inspection_id, county_code, '510100',
'x', 'x', '[1]', '2024-03-01', '` + state + `', '[]', 1, now(), now() FROM rectification`}
	}
	w.mustRefuse(t, "not copied", []write{
		guidance("before the copy", k.city, "CITY_COMMITTEE", "2024-02-26"), measure("before the copy", k.city, "PLANNED"),
	})
	do(w.feedbacks.CopyFeedbackToCity(w.as(office), copyToCity(f)))(t)
	w.mustTake(t, "copied", guidance("guided", k.city, "CITY_COMMITTEE", "2024-02-26"))
	w.mustTake(t, "copied", measure("directed", k.city, "PLANNED"))
	meet := "UPDATE obligation SET state = 'SATISFIED', satisfy_date = '2024-02-26', awaiting = 0, rung_date = NULL WHERE duty = 'CITY_MEASURES'"
	w.mustRefuse(t, "copied", []write{
		guidance("in another's name", k.liaison, "CITY_COMMITTEE", "2024-02-26"), guidance("by the county", k.county, "CITY_COMMITTEE", "2024-02-26"),
		guidance("by the office", office, "CITY_COMMITTEE", "2024-02-26"), guidance("before the receipt", k.city, "CITY_COMMITTEE", "2024-02-25"),
		measure("by the liaison body", k.liaison, "PLANNED"), measure("done at once", k.city, "DONE"), measure("by the county", k.county, "PLANNED"),
		{"met without a measure", k.city, meet},
		{"shown to the county", office, "UPDATE obligation SET county_sees = true WHERE duty = 'CITY_MEASURES'"},
	})
	do(w.guidances.CreateCityGuidance(w.as(k.city), w.guide(k)))(t)
	m := do(w.registers.CreateCityMeasure(w.as(k.city), w.direct(k, 1)))(t)
	w.mustRefuse(t, "entered", []write{
		{"a guidance rewritten", k.city, "UPDATE city_guidance SET content = 'x'"}, {"taken out", k.city, "DELETE FROM city_guidance"},
		{"a report without text", k.city, "UPDATE city_measure SET state = 'DONE'"}, {"the measure", k.city, "UPDATE city_measure SET description = 'x'"},
	})
	report := `UPDATE city_measure SET state = 'DONE', updates = updates || '{"state": "DONE", "text": "x", "time": "2024-02-26T04:00:00Z"}'`
	w.mustTake(t, "entered", write{"reported", k.liaison, report})
	do(w.registers.ReportCityMeasure(w.as(k.city), tell(m, rectificationv1.CityMeasure_STATE_DONE)))(t)
	w.mustRefuse(t, "done", []write{{"again", k.city, report}, {"an earlier report", k.city, `UPDATE city_measure SET updates = '[]'`}})
}
