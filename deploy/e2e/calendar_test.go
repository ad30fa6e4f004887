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
	own, _ := world(t)
	setDay(t, 2012, time.December, 19) // later than all that the world has recorded
	openDatabases(t).rest(t)
	office := must[string](t)(running.Token(t.Context(), "office", "INSPECTION_OFFICE", sichuan))
	lg := must[string](t)(running.Token(t.Context(), "lg", "LEADING_GROUP", sichuan))

	var list struct{ Obligations []dated }
	ask(t, office, http.MethodGet, sichuan+"/obligations?filter="+url.QueryEscape(fmt.Sprintf(`subject = "%s"`, own.batch)), nil, &list)
	if len(list.Obligations) != 1 {
		t.Fatalf("of the hearing of the batch there are %v", list.Obligations)
	}
	before := list.Obligations[0]
	asked := running.Clock().Now().UTC().Format(time.RFC3339Nano)

	// Step one, the dry run: it names what would move, and moves nothing.
	var notice struct {
		Name, Etag   string
		EarlierCount int
	}
	ask(t, office, http.MethodPost, sichuan+"/holidayNotices:import", map[string]any{"holidayNotice": map[string]any{
		"noticeNumber": "SC-2012-TEST", "scope": "SCOPE_PROVINCIAL", "publishDate": map[string]int{"year": 2012, "month": 12, "day": 17},
		"source": "省政府通知", "days": []any{map[string]any{"date": map[string]int{"year": 2012, "month": 12, "day": 22}, "working": true, "holiday": "调休"}},
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
	if after.DueDate != before.DueDate || !after.Computed.Date.before(before.Computed.Date) {
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

func (c civil) before(d civil) bool {
	return fmt.Sprintf("%04d%02d%02d", c.Year, c.Month, c.Day) < fmt.Sprintf("%04d%02d%02d", d.Year, d.Month, d.Day)
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
