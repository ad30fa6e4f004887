package gateway

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protojson"

	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
)

// dockets is an edge in front of three dockets; casefile has nothing for the bearer
// "county".
type dockets struct {
	url  string
	kept []*docket // scheduling, casefile, rectification
}

func newDockets(t *testing.T) *dockets {
	t.Helper()
	all := &dockets{}
	var conns []*grpc.ClientConn
	for _, service := range []string{"scheduling", "casefile", "rectification"} {
		d, conn := newDocket(t, service)
		all.kept, conns = append(all.kept, d), append(conns, conn)
	}
	all.kept[1].denied = "Bearer county"
	handler, err := Handler(t.Context(), Backends{conns[0], conns[1], conns[2]}, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	all.url = server.URL + "/v1/provinces/51/"
	return all
}

// fill spreads rows over the services, many of them due on the same day.
func (d *dockets) fill(random *rand.Rand, rows int) {
	for range rows {
		d.kept[random.IntN(3)].keep(fmt.Sprintf("%016x", random.Uint64()), random.IntN(60))
	}
}

// names gives all of one collection in the order of the list.
func (d *dockets) names(collection string) []string {
	var keys []string
	for _, k := range d.kept {
		for i := range k.rows {
			if collection == "obligations" {
				keys = append(keys, dueKey(k.rows[i]))
			} else {
				keys = append(keys, madeKey(k.sent[i]))
			}
		}
	}
	slices.Sort(keys)
	for i, key := range keys {
		keys[i] = key[strings.LastIndexByte(key, ' ')+1:]
	}
	return keys
}

type listing struct {
	Obligations, Notifications []struct{ Name string }
	NextPageToken              string
	ContinueTokens             []string
}

// page asks for one page; query is added to the URL.
func (d *dockets) page(t *testing.T, collection, bearer, query, token string) (listing, *http.Response, []byte) {
	t.Helper()
	resp, text := ask(t, "GET", d.url+collection+"?"+query+"&pageToken="+url.QueryEscape(token), "", map[string]string{"Authorization": "Bearer " + bearer})
	var l listing
	if resp.StatusCode == http.StatusOK {
		if err := json.Unmarshal(text, &l); err != nil {
			t.Fatal(err)
		}
	}
	return l, resp, text
}

// walk turns all pages and gives the names in the order seen. between is called
// after each page.
func (d *dockets) walk(t *testing.T, collection string, size int, between func()) []string {
	t.Helper()
	var names []string
	token := ""
	for {
		l, resp, text := d.page(t, collection, "office", fmt.Sprintf("pageSize=%d", size), token)
		if resp.StatusCode != http.StatusOK {
			t.Fatalf("after %d rows: %d %s", len(names), resp.StatusCode, text)
		}
		rows := slices.Concat(l.Obligations, l.Notifications)
		if len(l.ContinueTokens) > 0 || len(rows) > size || len(rows) < size && l.NextPageToken != "" {
			t.Fatalf("a page of %d rows, continue tokens %v, next %q", len(rows), l.ContinueTokens, l.NextPageToken)
		}
		for _, row := range rows {
			names = append(names, row.Name)
		}
		if token = l.NextPageToken; token == "" {
			return names
		}
		if len(names) > 2000 {
			t.Fatal("the list has no end")
		}
		between()
	}
}

func TestOneListOfThree(t *testing.T) {
	for _, collection := range []string{"obligations", "notifications"} {
		for _, size := range []int{1, 7, 50, 200} {
			t.Run(fmt.Sprintf("%s by %d", collection, size), func(t *testing.T) {
				d := newDockets(t)
				random := rand.New(rand.NewPCG(1, uint64(size)))
				d.fill(random, 1000)
				want := d.names(collection)
				if got := d.walk(t, collection, size, func() {}); !slices.Equal(got, want) {
					t.Errorf("%d rows, want %d, each once and in order", len(got), len(want))
				}
				// Rows that come meanwhile, before and behind the page, move no other.
				budget := 300
				got := d.walk(t, collection, size, func() {
					if budget > 0 {
						d.fill(random, 3)
						budget -= 3
					}
				})
				seen := make(map[string]bool)
				for _, name := range got {
					if seen[name] {
						t.Fatalf("%s comes twice", name)
					}
					seen[name] = true
				}
				isOld := func(name string) bool { _, ok := slices.BinarySearch(sorted(want), name); return ok }
				if old := slices.DeleteFunc(got, func(name string) bool { return !isOld(name) }); !slices.Equal(old, want) {
					t.Errorf("%d of the %d old rows, or out of order", len(old), len(want))
				}
			})
		}
	}
}

func sorted(names []string) []string { return slices.Sorted(slices.Values(names)) }

// TestDefaultPageSize: what the services take for 0 and for too many.
func TestDefaultPageSize(t *testing.T) {
	d := newDockets(t)
	d.fill(rand.New(rand.NewPCG(2, 2)), 400)
	for query, want := range map[string]int{"": 50, "pageSize=0": 50, "pageSize=1000": 200} {
		if l, resp, _ := d.page(t, "obligations", "office", query, ""); resp.StatusCode != http.StatusOK || len(l.Obligations) != want || l.NextPageToken == "" {
			t.Errorf("%q: %d, %d rows", query, resp.StatusCode, len(l.Obligations))
		}
	}
	if _, resp, text := d.page(t, "obligations", "office", "pageSize=-1", ""); resp.StatusCode != http.StatusBadRequest || reasonIn(t, text) != "FIELD_INVALID" {
		t.Errorf("%d %s", resp.StatusCode, text)
	}
}

// TestDenialCountsAsEmpty: casefile never serves a county; the county sees what
// the others keep. Where nobody serves the caller, he is told so.
func TestDenialCountsAsEmpty(t *testing.T) {
	d := newDockets(t)
	d.fill(rand.New(rand.NewPCG(3, 3)), 60)
	for _, collection := range []string{"obligations", "notifications"} {
		want := slices.DeleteFunc(d.names(collection), func(name string) bool { return strings.Contains(name, "casefile-") })
		var got []string
		for token := "start"; token != ""; {
			var l listing
			l, resp, text := d.page(t, collection, "county", "pageSize=7", strings.TrimPrefix(token, "start"))
			if resp.StatusCode != http.StatusOK {
				t.Fatalf("%d %s", resp.StatusCode, text)
			}
			for _, row := range slices.Concat(l.Obligations, l.Notifications) {
				got = append(got, row.Name)
			}
			token = l.NextPageToken
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %d rows, want %d", collection, len(got), len(want))
		}
	}
	for _, k := range d.kept {
		k.denied = "Bearer county"
	}
	for _, path := range []string{"obligations", "notifications", "obligations:summarize", "obligations:calendar"} {
		_, resp, text := d.page(t, path, "county", "", "")
		if path == "obligations:summarize" || path == "obligations:calendar" {
			resp, text = ask(t, "GET", d.url+path, "", map[string]string{"Authorization": "Bearer county"})
		}
		if resp.StatusCode != http.StatusForbidden || reasonIn(t, text) != "METHOD_NOT_GRANTED" || strings.Contains(string(text), "gateway.xunshi") {
			t.Errorf("%s: %d %s", path, resp.StatusCode, text)
		}
	}
}

// TestNothingIsSilentlyMissing: one service that does not answer fails the whole.
func TestNothingIsSilentlyMissing(t *testing.T) {
	d := newDockets(t)
	d.fill(rand.New(rand.NewPCG(4, 4)), 60)
	for _, k := range d.kept {
		k.down = true
		for _, path := range []string{"obligations", "notifications", "obligations:summarize", "obligations:calendar"} {
			for _, bearer := range []string{"office", "county"} {
				resp, text := ask(t, "GET", d.url+path, "", map[string]string{"Authorization": "Bearer " + bearer})
				if resp.StatusCode != http.StatusServiceUnavailable || reasonIn(t, text) != "DEPENDENCY_UNAVAILABLE" || resp.Header.Get("Retry-After") == "" {
					t.Errorf("%s without %s: %d %s", path, k.service, resp.StatusCode, text)
				}
			}
		}
		k.down = false
	}
	if resp, text := ask(t, "GET", d.url+"obligations", "", nil); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("nobody: %d %s", resp.StatusCode, text)
	}
}

// TestAServiceItsDatabaseRefusesIsMissed: a grant that was lost, or a wrong key or
// clock, is answered PERMISSION_DENIED too; it is no reason to leave the service out.
func TestAServiceItsDatabaseRefusesIsMissed(t *testing.T) {
	d := newDockets(t)
	d.fill(rand.New(rand.NewPCG(7, 7)), 60)
	for _, k := range d.kept {
		k.locked = true
		for _, path := range []string{"obligations", "notifications", "obligations:summarize", "obligations:calendar"} {
			resp, text := ask(t, "GET", d.url+path, "", map[string]string{"Authorization": "Bearer office"})
			if resp.StatusCode != http.StatusServiceUnavailable || reasonIn(t, text) != "DEPENDENCY_UNAVAILABLE" {
				t.Errorf("%s of %s: %d", path, k.service, resp.StatusCode)
			}
		}
		k.locked = false
	}
}

// TestForeignPageTokens: a token is good for its caller and query only, and no bit
// of it may differ.
func TestForeignPageTokens(t *testing.T) {
	d := newDockets(t)
	for day := range 9 { // each service gives a row of every page
		d.kept[day%3].keep("id", day)
	}
	l, _, _ := d.page(t, "obligations", "office", "pageSize=4", "")
	token := l.NextPageToken
	refused := func(what, bearer, query, token string) {
		t.Helper()
		_, resp, text := d.page(t, "obligations", bearer, query, token)
		if resp.StatusCode != http.StatusBadRequest || reasonIn(t, text) != "PAGE_TOKEN_MISMATCH" {
			t.Errorf("%s: %d %s", what, resp.StatusCode, text)
		}
	}
	if _, resp, text := d.page(t, "obligations", "office", "pageSize=9", token); resp.StatusCode != http.StatusOK {
		t.Fatalf("another size: %d %s", resp.StatusCode, text)
	}
	refused("another person", "colleague", "", token)
	refused("another filter", "office", "filter=soft", token)
	refused("cut off", "office", "", token[:len(token)-4])
	refused("nothing but a version", "office", "", "AQ")
	refused("not base64", "office", "", "!")
	refused("too long", "office", "", strings.Repeat("A", 4097))
	raw := must(base64.RawURLEncoding.DecodeString(token))(t)
	for i := range raw {
		changed := slices.Clone(raw)
		changed[i] ^= 1 << (i % 8)
		refused(fmt.Sprintf("byte %d changed", i), "office", "", base64.RawURLEncoding.EncodeToString(changed))
	}
	if _, resp, text := d.page(t, "notifications", "office", "", token); resp.StatusCode != http.StatusBadRequest {
		t.Errorf("another list: %d %s", resp.StatusCode, text)
	}
}

// TestOwnersAreAsked: what names an object reaches the one service that keeps it.
func TestOwnersAreAsked(t *testing.T) {
	d := newDockets(t)
	for i, k := range d.kept {
		k.keep("0198c0de", 0)
		for method, path := range map[string]string{
			"GetObligation":           "GET obligations/%s",
			"ExplainObligation":       "GET obligations/%s:explain",
			"ExtendObligation":        "POST obligations/%s:extend",
			"SuspendObligation":       "POST obligations/%s:suspend",
			"ResumeObligation":        "POST obligations/%s:resume",
			"ShortenObligation":       "POST obligations/%s:shorten",
			"GetNotification":         "GET notifications/%s",
			"AcknowledgeNotification": "POST notifications/%s:acknowledge",
		} {
			k.served = nil
			verb, path, _ := strings.Cut(fmt.Sprintf(path, k.service+"-0198c0de"), " ")
			resp, text := ask(t, verb, d.url+path, "{}", map[string]string{"Authorization": "Bearer office", "Content-Type": "application/json"})
			name, _, _ := strings.Cut(path, ":")
			if resp.StatusCode != http.StatusOK || !slices.Equal(k.served, []string{method + " provinces/51/" + name}) {
				t.Errorf("%s: %d %s; %s was asked %v", path, resp.StatusCode, text, k.service, k.served)
			}
			if !strings.HasSuffix(path, ":explain") && resp.Header.Get("ETag") != `"1"` {
				t.Errorf("%s: ETag %q", path, resp.Header.Get("ETag"))
			}
		}
		for _, other := range d.kept[i+1:] {
			if len(other.served) > 0 {
				t.Errorf("%s was asked %v", other.service, other.served)
			}
		}
	}
}

// TestUnknownOwner: a name of no service is missing in the same words as one that
// a service does not have.
func TestUnknownOwner(t *testing.T) {
	d := newDockets(t)
	for _, language := range []string{"zh-CN", "en"} {
		for _, path := range []string{"obligations/%s", "obligations/%s:explain", "notifications/%s"} {
			answers := make(map[string]bool)
			for _, id := range []string{"scheduling-0198c0de", "nobody-0198c0de", "0198c0de", "casefile", "casefiles-0198c0de"} {
				resp, text := ask(t, "GET", d.url+fmt.Sprintf(path, id), "", map[string]string{"Authorization": "Bearer office", "Accept-Language": language})
				if resp.StatusCode != http.StatusNotFound {
					t.Errorf("%s: %d %s", id, resp.StatusCode, text)
				}
				answers[strings.ReplaceAll(string(text), id, "ID")] = true
			}
			if len(answers) != 1 {
				t.Errorf("%s is missing in different words: %v", path, answers)
			}
		}
	}
}

func TestComplianceAddsUp(t *testing.T) {
	d := newDockets(t)
	d.fill(rand.New(rand.NewPCG(5, 5)), 500)
	const asked = "2026-08-01T00:00:00Z"
	for query, asOf := range map[string]string{"": noon.Add(8 * time.Millisecond).Format(time.RFC3339Nano), "?asOfTime=" + asked: asked} {
		resp, text := ask(t, "GET", d.url+"obligations:summarize"+query, "", map[string]string{"Authorization": "Bearer office"})
		var sum obligationv1.SummarizeComplianceResponse
		if err := protojson.Unmarshal(text, &sum); err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%d %s", resp.StatusCode, text)
		}
		total := int32(0)
		for i, c := range sum.GetCompliances() {
			if int(c.GetDuty()) != i+1 || c.GetArticle() != fmt.Sprint(i+1) || c.GetKeptCount() != c.GetDueCount() {
				t.Errorf("row %d is %v", i, c)
			}
			total += c.GetDueCount()
		}
		if total != 500 || len(sum.GetCompliances()) != 10 || sum.GetAsOfTime().AsTime().Format(time.RFC3339Nano) != asOf {
			t.Errorf("%d obligations in %d rows as of %v, want %s", total, len(sum.GetCompliances()), sum.GetAsOfTime().AsTime(), asOf)
		}
	}
}

// TestOneCalendar: the text of an iCalendar with the events of all services.
func TestOneCalendar(t *testing.T) {
	for _, rows := range []int{0, 30} {
		d := newDockets(t)
		d.fill(rand.New(rand.NewPCG(6, 6)), rows)
		resp, text := ask(t, "GET", d.url+"obligations:calendar", "", map[string]string{"Authorization": "Bearer office", "Accept": "text/calendar"})
		if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "text/calendar; charset=utf-8" {
			t.Fatalf("%d %q %s", resp.StatusCode, resp.Header.Get("Content-Type"), text)
		}
		calendar := must(ics.ParseCalendar(strings.NewReader(string(text))))(t)
		var names []string
		for _, event := range calendar.Events() {
			names = append(names, event.Id())
			if got := event.GetProperty(ics.ComponentPropertySummary).Value; got != longSummary(event.Id()) {
				t.Errorf("the summary became %q", got)
			}
		}
		if want := sorted(d.names("obligations")); !slices.Equal(sorted(names), want) {
			t.Errorf("%d events, want %d", len(names), len(want))
		}
		for line := range strings.Lines(string(text)) {
			if !strings.HasSuffix(line, "\r\n") || len(line) > 77 {
				t.Errorf("not a line of RFC 5545: %q", line)
			}
		}
		if begins := strings.Count(string(text), "BEGIN:VCALENDAR"); begins != 1 || strings.Count(string(text), "VERSION:2.0") != 1 {
			t.Errorf("%d calendars in one", begins)
		}
	}
}
