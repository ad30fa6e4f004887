package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// dated is what a reader sees of an obligation.
type dated struct {
	Name     string
	DueDate  civil
	Computed struct {
		Date            civil
		CalendarVersion string
	}
	Color string
}

// TestANoticeMovesNoDateSilently: a holiday notice that would take a day away is
// tried first, activated by a second person, and counted; the announced date stands,
// both are shown, and the past is read as it was known then (issue 3).
func TestANoticeMovesNoDateSilently(t *testing.T) {
	const guizhou = "provinces/52"
	office := must[string](t)(running.Token(t.Context(), "office", "INSPECTION_OFFICE", guizhou))
	lg := must[string](t)(running.Token(t.Context(), "lg", "LEADING_GROUP", guizhou))
	batch := endedBatch(t, office, lg, guizhou) // in a province of its own, whose calendar is no other test's

	var list struct{ Obligations []dated }
	ask(t, office, http.MethodGet, guizhou+"/obligations?filter="+url.QueryEscape(fmt.Sprintf(`subject = "%s"`, batch)), nil, &list)
	if len(list.Obligations) != 1 || list.Obligations[0].DueDate != (civil{2012, 11, 27}) {
		t.Fatalf("of the hearing there are %v", list.Obligations)
	}
	before := list.Obligations[0]
	asked := running.Clock().Now().UTC().Format(time.RFC3339Nano)

	// Step one, the dry run: it names what would move, and moves nothing.
	var notice struct {
		Name, Etag   string
		EarlierCount int
	}
	ask(t, office, http.MethodPost, guizhou+"/holidayNotices:import", map[string]any{"holidayNotice": map[string]any{
		"noticeNumber": "GZ-2012", "scope": "SCOPE_PROVINCIAL", "publishDate": on(2012, 10, 15),
		"source": "省政府通知", "days": []any{map[string]any{"date": on(2012, 11, 17), "working": true, "holiday": "调休"}},
	}}, &notice)
	var moves struct {
		Moves []struct {
			Obligation string
			County     string
		}
	}
	ask(t, office, http.MethodGet, notice.Name+"/moves?pageSize=200", nil, &moves)
	if len(moves.Moves) != notice.EarlierCount || !slices.ContainsFunc(moves.Moves,
		func(m struct{ Obligation, County string }) bool { return m.Obligation == before.Name }) {
		t.Errorf("the dry run names %v, %d earlier", moves.Moves, notice.EarlierCount)
	}
	if now := read(t, office, before.Name, ""); now != before {
		t.Errorf("the dry run changed %+v to %+v", before, now)
	}

	// Step two: activation, by a second person.
	resp, body := send(t, http.MethodPost, "/v1/"+notice.Name+":activate", office, map[string]any{},
		map[string]string{"Idempotency-Key": rid(), "If-Match": notice.Etag})
	if resp.StatusCode != http.StatusBadRequest || !strings.Contains(string(body), `"NOTICE_SAME_PERSON"`) {
		t.Errorf("the same person: %d %s", resp.StatusCode, body)
	}
	resp, body = send(t, http.MethodPost, "/v1/"+notice.Name+":activate", lg, map[string]any{},
		map[string]string{"Idempotency-Key": rid(), "If-Match": notice.Etag})
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("another person: %d %s", resp.StatusCode, body)
	}

	var after dated
	eventually(t, func() error {
		if after = read(t, office, before.Name, ""); after.Computed.CalendarVersion == before.Computed.CalendarVersion {
			return fmt.Errorf("still counted by %s", before.Computed.CalendarVersion)
		}
		return nil
	})
	if after.DueDate != before.DueDate || after.Computed.Date != (civil{2012, 11, 26}) {
		t.Errorf("the announced date went from %v to %v, the computed one from %v to %v",
			before.DueDate, after.DueDate, before.Computed.Date, after.Computed.Date)
	}
	if then := read(t, office, before.Name, "asOfTime="+asked); then != before {
		t.Errorf("as of then it was %+v, and is read as %+v", before, then)
	}
	var history struct{ Changes []struct{ Cause string } }
	ask(t, office, http.MethodGet, before.Name+":explain?asOfTime="+asked, nil, &history)
	for _, c := range history.Changes {
		if c.Cause == after.Computed.CalendarVersion {
			t.Errorf("as of then the history knows of %s", c.Cause)
		}
	}
}

// endedBatch makes a batch of one inspection that ended on 2012-10-16, so that its
// hearing is due thirty working days later, and leaves the clock there.
func endedBatch(t *testing.T, office, lg, province string) (batch string) {
	t.Helper()
	type named struct{ Name, Etag string }
	do := func(token, path, etag string, body map[string]any) (made named) {
		t.Helper()
		headers := map[string]string{"Idempotency-Key": rid()}
		if etag != "" {
			headers["If-Match"] = etag
		}
		resp, text := send(t, http.MethodPost, "/v1/"+path, token, body, headers)
		if err := json.Unmarshal(text, &made); err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d %s", path, resp.StatusCode, text)
		}
		return made
	}
	setDay(t, 2012, time.August, 19)
	do(office, province+":importRegistry", "", map[string]any{"effectiveDate": on(2012, 8, 19),
		"csv": "code,name,level,parent,townships,villages\n520000,贵州省,province,,,\n520100,贵阳市,city,520000,,\n520102,南明区,county,520100,1,1\n"})
	term := do(office, province+"/terms", "", map[string]any{"displayName": "届", "startDate": on(2012, 5, 1), "endDate": on(2017, 4, 30)})
	group := do(office, province+"/inspectionGroups", "", map[string]any{"displayName": "组",
		"members": []any{map[string]any{"subject": "leader-52", "displayName": "组长", "post": "POST_LEADER"}}})
	scheme := do(office, province+"/batches", "", map[string]any{"displayName": "批", "term": term.Name})
	made := do(office, province+"/inspections", "", map[string]any{"batch": scheme.Name, "county": province + "/counties/520102",
		"plannedEntryDate": on(2012, 9, 17), "plannedEndDate": on(2012, 10, 16)})
	decision := do(lg, province+"/decisions", "", map[string]any{"documentNumber": "一号", "decideDate": on(2012, 8, 19),
		"items": []any{map[string]any{"kind": "KIND_APPROVE_BATCH", "subject": scheme.Name}}})
	do(office, scheme.Name+":approve", scheme.Etag, map[string]any{"decision": decision.Name})
	made = do(office, made.Name+":authorize", made.Etag, map[string]any{"inspectionGroup": group.Name})
	do(office, made.Name+":issueEntryNotices", made.Etag, map[string]any{"documentNumber": "黔巡办一号"})
	for party, area := range map[string]string{"COUNTY_COMMITTEE": province + "/counties/520102", "CITY_COMMITTEE": province + "/cities/520100"} {
		token := must[string](t)(running.Token(t.Context(), "clerk", party, area))
		var sent struct{ EntryNotices []named }
		ask(t, token, http.MethodGet, province+"/entryNotices", nil, &sent)
		do(token, sent.EntryNotices[0].Name+":acknowledge", sent.EntryNotices[0].Etag, map[string]any{"receiver": "主任"})
	}
	for _, step := range []struct {
		month time.Month
		day   int
		verb  string
	}{{time.September, 17, ":confirmEntry"}, {time.October, 16, ":endOnSite"}} {
		setDay(t, 2012, step.month, step.day)
		ask(t, office, http.MethodGet, made.Name, nil, &made)
		made = do(office, made.Name+step.verb, made.Etag, map[string]any{})
	}
	return scheme.Name
}

func on(year, month, day int) map[string]int {
	return map[string]int{"year": year, "month": month, "day": day}
}

func read(t *testing.T, token, name, query string) (o dated) {
	t.Helper()
	ask(t, token, http.MethodGet, name+"?"+query, nil, &o)
	return o
}

// ask wants an answer over REST.
func ask(t *testing.T, token, verb, path string, body, answer any) {
	t.Helper()
	headers := map[string]string{}
	if body != nil {
		headers["Idempotency-Key"] = rid()
	}
	resp, text := send(t, verb, "/v1/"+path, token, body, headers)
	if err := json.Unmarshal(text, answer); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %d %s", verb, path, resp.StatusCode, text)
	}
}

// TestComplianceOfATerm: a term stands for its dates; who may not read it gets no
// count by it.
func TestComplianceOfATerm(t *testing.T) {
	own, _ := world(t)
	office := must[string](t)(running.Token(t.Context(), "office", "INSPECTION_OFFICE", sichuan))
	county := must[string](t)(running.Token(t.Context(), "clerk", "COUNTY_COMMITTEE", own.county))
	type sum struct {
		Compliances []struct {
			Duty     string
			DueCount int
		}
	}
	of := func(query string) (s sum) {
		ask(t, office, http.MethodGet, sichuan+"/obligations:summarize?"+query, nil, &s)
		return s
	}
	byTerm, byDates := of("term="+own.term), of("startDate=2012-06-01&endDate=2017-05-31")
	if len(byTerm.Compliances) == 0 || !slices.Equal(byTerm.Compliances, byDates.Compliances) {
		t.Errorf("by term %v, by its dates %v", byTerm, byDates)
	}
	if before := of("endDate=2012-05-31"); len(before.Compliances) > 0 {
		t.Errorf("before the term %v", before)
	}
	for query, want := range map[string]struct {
		token string
		code  int
	}{
		"term=" + own.term:                           {county, http.StatusForbidden},
		"term=" + own.term + "&startDate=2012-06-01": {office, http.StatusBadRequest},
		"term=" + missing(own.term):                  {office, http.StatusNotFound},
	} {
		resp, body := send(t, http.MethodGet, "/v1/"+sichuan+"/obligations:summarize?"+query, want.token, nil, nil)
		if resp.StatusCode != want.code {
			t.Errorf("%s: %d %s", query, resp.StatusCode, body)
		}
	}
}
