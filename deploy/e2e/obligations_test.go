package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/xunshi/xunshi/deploy/devstack/stack"
	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
	regulationv1 "github.com/xunshi/xunshi/gen/go/xunshi/regulation/v1"
)

// TestEveryDateCanBeExplained: whoever is shown a statutory date, by whatever
// method, can have it explained by one call, and the days that the explanation
// counts are as many as the period has (issue 3).
func TestEveryDateCanBeExplained(t *testing.T) {
	own, _ := world(t)
	parties, cells := readMatrix(t)
	explained := map[string]int{}
	for _, m := range methods() {
		if isWrite(m) || !overREST(m) || strings.HasPrefix(string(m.Name()), "Compute") {
			continue
		}
		for i, party := range parties {
			name := own.held(pattern(m), party)
			if cells[full(m)][i] == "-" || party == "SERVICE" || name == "" {
				continue
			}
			keepers := []string{keeperOf(m, name)}
			if strings.HasPrefix(string(m.FullName()), "xunshi.obligation.") {
				keepers = stack.Names()
			}
			token := must[string](t)(running.Token(t.Context(), subjectOf(party), party, areaOf(party)))
			for _, service := range keepers {
				answer, err := invoke(caller(t, party, "own", true), conn(t, service), m, request(m, own, name))
				if err != nil {
					continue // TestMatrix wants it allowed
				}
				for _, d := range statutoryDates(t, answer) {
					explain(t, fmt.Sprintf("%s to %s", full(m), party), token, d)
					explained[d.GetArticle()]++
				}
			}
		}
	}
	for _, article := range []string{"2", "3", "5", "10", "11", "12(2)", "15(1)", "17"} {
		if explained[article] == 0 {
			t.Errorf("no response had a date of art. %s", article)
		}
	}
}

func subjectOf(party string) string {
	if party == "INSPECTION_GROUP" {
		return "leader-own"
	}
	return strings.ToLower(party)
}

func areaOf(party string) string {
	switch party {
	case "COUNTY_COMMITTEE":
		return sichuan + "/counties/510104"
	case "CITY_COMMITTEE", "CITY_LIAISON_BODY", "DISCIPLINE_ORGAN", "ORGANIZATION_DEPARTMENT", "OTHER_DEPARTMENT":
		return sichuan + "/cities/510100"
	default:
		return sichuan
	}
}

// statutoryDates finds every statutory date in an answer, at any depth.
func statutoryDates(t *testing.T, m proto.Message) (all []*regulationv1.StatutoryDate) {
	t.Helper()
	var walk func(protoreflect.Message)
	walk = func(m protoreflect.Message) {
		if m.Descriptor().FullName() == (*regulationv1.StatutoryDate)(nil).ProtoReflect().Descriptor().FullName() {
			d := &regulationv1.StatutoryDate{}
			text := must[[]byte](t)(proto.Marshal(m.Interface()))
			if err := proto.Unmarshal(text, d); err != nil {
				t.Fatal(err)
			}
			all = append(all, d)
			return
		}
		m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
			switch {
			case f.Message() == nil || f.IsMap():
			case f.IsList():
				for i := range v.List().Len() {
					walk(v.List().Get(i).Message())
				}
			default:
				walk(v.Message())
			}
			return true
		})
	}
	walk(m.ProtoReflect())
	return all
}

type civil struct{ Year, Month, Day int32 }

// explanation is what both explaining methods answer.
type explanation struct {
	Count int
	Unit  string
	Days  []struct {
		Number int
		Date   civil
	}
	Obligation struct {
		DueDate  civil
		Computed struct{ Date civil }
	}
	Changes []struct{ Computed struct{ Date civil } }
}

// leadsTo tells whether a count that ends on last explains the date that was shown.
// While a holiday notice would take days away and nobody has decided so, it shows
// both: the date that stands, with the count in the history that announced it.
func (e explanation) leadsTo(last, shown civil) bool {
	if last == shown {
		return true
	}
	announced := slices.ContainsFunc(e.Changes, func(c struct{ Computed struct{ Date civil } }) bool { return c.Computed.Date == shown })
	return e.Obligation.DueDate == shown && e.Obligation.Computed.Date == last && announced
}

// explain asks over REST why a date is what it is.
func explain(t *testing.T, what, token string, d *regulationv1.StatutoryDate) {
	t.Helper()
	verb, path, body := http.MethodGet, "/v1/"+d.GetObligation()+":explain", any(nil)
	if d.GetObligation() == "" {
		verb, path = http.MethodPost, "/v1/"+sichuan+"/calendar:explain"
		var date any
		if err := json.Unmarshal(must[[]byte](t)(protojson.Marshal(d)), &date); err != nil {
			t.Fatal(err)
		}
		body = map[string]any{"due": date}
	}
	resp, text := send(t, verb, path, token, body, nil)
	var why explanation
	if err := json.Unmarshal(text, &why); err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("%s: %s %s: %d %s", what, verb, path, resp.StatusCode, text)
		return
	}
	switch why.Unit {
	case "working_days":
		counted, last := 0, why.Days[len(why.Days)-1].Date
		for _, day := range why.Days {
			if day.Number > 0 {
				counted++
			}
		}
		if counted != why.Count || counted == 0 || !why.leadsTo(last, civil{d.Date.Year, d.Date.Month, d.Date.Day}) {
			t.Errorf("%s: %v counts %d days to %v, its period has %d", what, d, counted, last, why.Count)
		}
	case "months", "calendar_days":
		if why.Count <= 0 {
			t.Errorf("%s: %v counts nothing", what, d)
		}
	default:
		t.Errorf("%s: %v counts %q", what, d, why.Unit)
	}
}

// TestOneListOfThreeServices: page by page, the edge lists what the services keep,
// each once and in order; a county sees its own and no more.
func TestOneListOfThreeServices(t *testing.T) {
	own, foreign := world(t)
	office := must[string](t)(running.Token(t.Context(), "office", "INSPECTION_OFFICE", sichuan))
	var want []string
	for _, service := range stack.Names() {
		for token, first := "", true; first || token != ""; first = false {
			page := must[*obligationv1.ListObligationsResponse](t)(obligationv1.NewObligationServiceClient(conn(t, service)).ListObligations(
				as(t, "office", "INSPECTION_OFFICE", sichuan), &obligationv1.ListObligationsRequest{Parent: sichuan, PageSize: 200, PageToken: token}))
			for _, o := range page.Obligations {
				want = append(want, o.Name)
			}
			token = page.NextPageToken
		}
	}
	got, dates := listed(t, office, "pageSize=37")
	if !slices.IsSorted(dates) {
		t.Error("the list is not in order of the due dates")
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		t.Errorf("the edge lists %d obligations, the services keep %d", len(got), len(want))
	}
	for _, service := range stack.Names() {
		if !slices.ContainsFunc(got, func(name string) bool { return strings.Contains(name, "/"+service+"-") }) {
			t.Errorf("nothing of %s is in the list", service)
		}
	}
	county := must[string](t)(running.Token(t.Context(), "clerk", "COUNTY_COMMITTEE", own.county))
	seen, _ := listed(t, county, "")
	if !slices.Contains(seen, own.obligation) || slices.Contains(seen, foreign.obligation) {
		t.Errorf("the county sees %v", seen)
	}
	for _, name := range seen {
		if strings.Contains(name, "/casefile-") {
			t.Errorf("the county sees %s", name)
		}
	}
	if filtered, _ := listed(t, office, "filter="+url.QueryEscape(fmt.Sprintf(`county = "%s" AND duty = DUTY_RECTIFICATION_PLAN`, own.county))); !slices.Contains(filtered, own.obligation) {
		t.Errorf("by county and duty the office finds %v", filtered)
	}
}

// listed reads the one list to its end.
func listed(t *testing.T, token, query string) (names, dates []string) {
	t.Helper()
	for next := ""; ; {
		resp, body := send(t, http.MethodGet, "/v1/"+sichuan+"/obligations?"+query+next, token, nil, nil)
		var page struct {
			Obligations []struct {
				Name    string
				DueDate struct{ Year, Month, Day int }
			}
			NextPageToken  string
			ContinueTokens []string
		}
		if err := json.Unmarshal(body, &page); err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%d %s", resp.StatusCode, body)
		}
		if len(page.ContinueTokens) > 0 {
			t.Error("the edge answers the services' own tokens")
		}
		for _, o := range page.Obligations {
			names = append(names, o.Name)
			dates = append(dates, fmt.Sprintf("%04d-%02d-%02d", o.DueDate.Year, o.DueDate.Month, o.DueDate.Day))
		}
		if page.NextPageToken == "" {
			return names, dates
		}
		next = "&pageToken=" + url.QueryEscape(page.NextPageToken)
	}
}

// TestNoCountyAsksCasefile: the service of the confidential side refuses counties
// and cities on the methods too that all services share, whatever their policy.
func TestNoCountyAsksCasefile(t *testing.T) {
	own, _ := world(t)
	for _, party := range []string{"COUNTY_COMMITTEE", "CITY_COMMITTEE", "CITY_LIAISON_BODY"} {
		for _, m := range methods() {
			if service := string(m.FullName()); !strings.HasPrefix(service, "xunshi.obligation.") && !strings.HasPrefix(service, "xunshi.casefile.") {
				continue
			}
			_, err := invoke(caller(t, party, "own", true), conn(t, "casefile"), m, request(m, own, own.held(pattern(m), party)))
			wantReason(t, err, codes.PermissionDenied, "METHOD_NOT_GRANTED")
		}
	}
}

// TestCalendarFeed: a body subscribes to its own dates.
func TestCalendarFeed(t *testing.T) {
	own, _ := world(t)
	for _, who := range []struct {
		party, area string
		want        bool
	}{{"LEADING_GROUP", sichuan, true}, {"COUNTY_COMMITTEE", own.county, false}} {
		token := must[string](t)(running.Token(t.Context(), "reader", who.party, who.area))
		resp, body := send(t, http.MethodGet, "/v1/"+sichuan+"/obligations:calendar", token, nil, nil)
		if resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/calendar") {
			t.Fatalf("%s: %d %s %s", who.party, resp.StatusCode, resp.Header.Get("Content-Type"), body)
		}
		if !strings.HasPrefix(string(body), "BEGIN:VCALENDAR\r\n") || strings.Contains(string(body), "BEGIN:VEVENT") != who.want {
			t.Errorf("%s: %s", who.party, body)
		}
	}
}
