package e2e_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	policyv1 "github.com/xunshi/xunshi/gen/go/xunshi/policy/v1"
)

// step is one call of testdata/writes.yaml, which says what the fields mean.
type step struct {
	Day     string            `yaml:"day"`
	As      string            `yaml:"as"`
	Call    string            `yaml:"call"`
	Request map[string]any    `yaml:"request"`
	Keep    map[string]string `yaml:"keep"`
	Other   map[string]any    `yaml:"other"`
	Crowd   map[string]int    `yaml:"crowd"`
}

// written is a write that had an answer.
type written struct {
	step, verb, path, token, key string
	body                         any
	answer                       string
	client                       *http.Client
}

// writing plays the steps.
type writing struct {
	db     databases
	tokens map[string]string
	names  map[string]string // what the steps kept
	done   []written
	crowds int
}

// TestEveryWriteIsDoneOnce: whoever repeats a write with the same Idempotency-Key
// gets the same bytes and changes nothing, not even the books; with another body
// it is refused (AIP-155).
func TestEveryWriteIsDoneOnce(t *testing.T) {
	own, _ := world(t)
	w := &writing{db: openDatabases(t), tokens: map[string]string{}, names: map[string]string{"term": own.term}}
	w.signIn(t)
	seen := map[string]bool{}
	for _, s := range readSteps(t) {
		m := methodCalled(t, s.Call)
		if s.Day != "" {
			at := must[time.Time](t)(time.Parse(time.DateOnly, s.Day))
			setDay(t, at.Year(), at.Month(), at.Day())
		}
		if !isWrite(m) {
			w.find(t, s, m)
			continue
		}
		seen[full(m)] = true
		w.write(t, s, m)
	}
	for _, m := range methods() {
		if isWrite(m) && overREST(m) && !seen[full(m)] {
			t.Errorf("testdata/writes.yaml has no step that calls %s", full(m))
		}
	}
	if w.crowds == 0 {
		t.Error("no write was made by twenty at once")
	}
	w.again(t)
}

func readSteps(t *testing.T) (all []step) {
	t.Helper()
	f, err := os.Open("testdata/writes.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	decoder := yaml.NewDecoder(f)
	decoder.KnownFields(true)
	if err := decoder.Decode(&all); err != nil {
		t.Fatal(err)
	}
	return all
}

func methodCalled(t *testing.T, name string) protoreflect.MethodDescriptor {
	t.Helper()
	for _, m := range methods() {
		if string(m.Name()) == name {
			return m
		}
	}
	t.Fatalf("no method %s", name)
	return nil
}

func (w *writing) signIn(t *testing.T) {
	t.Helper()
	const county, city = sichuan + "/counties/510402", sichuan + "/cities/510400"
	for _, who := range []struct{ name, subject, party, area string }{
		{"office", "office", "INSPECTION_OFFICE", sichuan}, {"leading group", "lg", "LEADING_GROUP", sichuan},
		{"leader", "leader-writes", "INSPECTION_GROUP", sichuan}, {"member", "member-writes", "INSPECTION_GROUP", sichuan},
		{"county", "clerk", "COUNTY_COMMITTEE", county}, {"city", "clerk", "CITY_COMMITTEE", city},
		{"discipline organ", "discipline", "DISCIPLINE_ORGAN", city}, {"auditor", "auditor", "AUDIT_ADMINISTRATOR", sichuan},
		{"liaison", "clerk", "CITY_LIAISON_BODY", city},
	} {
		w.tokens[who.name] = must[string](t)(running.Token(t.Context(), who.subject, who.party, who.area))
	}
}

// filled gives a part of a step with the kept names in their places.
func (w *writing) filled(t *testing.T, part map[string]any) map[string]any {
	t.Helper()
	text := must[[]byte](t)(json.Marshal(part))
	var pairs []string
	for name, value := range w.names {
		inText := must[[]byte](t)(json.Marshal(value))
		pairs = append(pairs, "${"+name+"}", string(inText[1:len(inText)-1]))
	}
	var all map[string]any
	if err := json.Unmarshal([]byte(strings.NewReplacer(pairs...).Replace(string(text))), &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// find reads until the answer holds all that the step keeps: what another service
// announces arrives a moment later.
func (w *writing) find(t *testing.T, s step, m protoreflect.MethodDescriptor) {
	t.Helper()
	eventually(t, func() error {
		verb, path, body := transcode(t, m, w.filled(t, s.Request))
		_, answer := send(t, verb, path, w.tokens[s.As], body, nil)
		return w.keep(s, answer)
	})
	if checkpoint := w.names["checkpoint"]; checkpoint != "" && w.names["cosigned"] == "" {
		w.names["cosigned"] = cosign(t, checkpoint)
	}
}

// write makes the write of a step, and then all attempts to have it twice.
func (w *writing) write(t *testing.T, s step, m protoreflect.MethodDescriptor) {
	t.Helper()
	request, other := w.filled(t, s.Request), w.filled(t, s.Request)
	if m.Input().Fields().ByName("etag") != nil {
		request["etag"] = w.etag(t, s, m, request)
		other["etag"] = request["etag"]
	}
	maps.Copy(other, s.Other)
	if s.Other == nil && !alter(other) {
		t.Fatalf("%s: what would be another request?", s.Call)
	}
	first := written{step: s.As + ": " + s.Call, token: w.tokens[s.As], key: rid()}
	first.verb, first.path, first.body = transcode(t, m, request)

	w.db.rest(t)
	before := w.db.contents(t)
	together := 1
	if s.Crowd != nil {
		together = 20
	}
	answers := first.sent(t, together)
	first.answer = answers[0]
	if !strings.HasPrefix(first.answer, "200\n") {
		t.Fatalf("%s: %s", first.step, first.answer)
	}
	w.db.rest(t)
	after := w.db.contents(t)
	if s.Crowd != nil {
		w.crowds++
		grown(t, first.step, s, m, changed(before, after))
	}
	if len(changed(before, after)) < 3 { // the request log, the audit entry and the effect
		t.Errorf("%s changed only %v", first.step, lines(changed(before, after)))
	}
	for range 2 {
		answers = append(answers, first.sent(t, 1)...)
	}
	for i, a := range answers {
		if a != first.answer {
			t.Fatalf("%s: answer %d is\n%s\nwant\n%s", first.step, i, a, first.answer)
		}
	}
	second := first
	second.verb, second.path, second.body = transcode(t, m, other)
	if a := second.sent(t, 1)[0]; !strings.HasPrefix(a, "400\n") || !strings.Contains(a, `"REQUEST_ID_REUSED"`) {
		t.Errorf("%s with another body: %s", first.step, a)
	}
	w.db.rest(t)
	if made := changed(after, w.db.contents(t)); len(made) > 0 {
		t.Errorf("%s: the repeats changed %v", first.step, lines(made))
	}
	w.done = append(w.done, first)
	if err := w.keep(s, []byte(first.answer[strings.Index(first.answer, "\n\n")+2:])); err != nil {
		t.Fatalf("%s: %v", first.step, err)
	}
}

// grown wants the tables to have grown by one effect and its books, besides what
// an event of it has made at another service.
func grown(t *testing.T, what string, s step, m protoreflect.MethodDescriptor, got map[string]int) {
	t.Helper()
	service := serviceOf(m)
	want := map[string]int{service + " request_log": 1, service + " audit_entry": 1}
	access, _ := proto.GetExtension(m.Options(), policyv1.E_Access).(*policyv1.Access)
	if access.GetReceipt() && slices.Contains([]string{"county", "city", "liaison"}, s.As) {
		want[service+" receipt"] = 1
	}
	maps.Copy(want, s.Crowd)
	maps.DeleteFunc(got, func(table string, n int) bool { return n == 0 || !strings.HasPrefix(table, service+" ") })
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("%s by twenty at once: tables grew (-want +got):\n%s", what, diff)
	}
}

// sent sends a write n times at once and gives all answers. Many writers of one
// row may be told to come again, as a client library does.
func (a written) sent(t *testing.T, n int) []string {
	answers := make([]string, n)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() {
			for range 200 {
				resp, body := sendBy(t, cmp.Or(a.client, http.DefaultClient), a.verb, a.path, a.token, a.body, map[string]string{"Idempotency-Key": a.key})
				answers[i] = wire(resp, body)
				if resp.StatusCode != http.StatusServiceUnavailable && resp.StatusCode != http.StatusTooManyRequests {
					return
				}
				time.Sleep(20 * time.Millisecond)
			}
		})
	}
	all.Wait()
	return answers
}

// again repeats every write at the end, when its object has long gone on: the
// answer is still the first.
func (w *writing) again(t *testing.T) {
	t.Helper()
	before := w.db.contents(t)
	for _, a := range w.done {
		if got := a.sent(t, 1)[0]; got != a.answer {
			t.Errorf("%s in the end: %s\nwant %s", a.step, got, a.answer)
		}
	}
	w.db.rest(t)
	if made := changed(before, w.db.contents(t)); len(made) > 0 {
		t.Errorf("the repeats in the end changed %v", lines(made))
	}
}

// etag reads the object of a write as its author does.
func (w *writing) etag(t *testing.T, s step, m protoreflect.MethodDescriptor, request map[string]any) string {
	t.Helper()
	field, _ := addressed(m)
	at := request
	steps := strings.Split(field, ".")
	for _, f := range steps[:len(steps)-1] {
		at = at[jsonCase(f)].(map[string]any)
	}
	resp, body := send(t, http.MethodGet, fmt.Sprint("/v1/", at["name"]), w.tokens[s.As], nil, nil)
	var seen struct{ Etag string }
	if err := json.Unmarshal(body, &seen); err != nil || seen.Etag == "" {
		t.Fatalf("%s reads %v: %d %s", s.As, at["name"], resp.StatusCode, body)
	}
	return seen.Etag
}

// alter changes one text of a request, or else its etag, and reports whether it
// did. What only the etag tells apart is another request as well.
func alter(request map[string]any) bool {
	if _, done := altered(request); done {
		return true
	}
	if _, ok := request["etag"]; ok {
		request["etag"] = `"999999"`
		return true
	}
	return false
}

var chinese = regexp.MustCompile(`^\p{Han}+$`)

func altered(value any) (any, bool) {
	switch v := value.(type) {
	case string:
		return v + "改", chinese.MatchString(v)
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if changed, ok := altered(v[key]); ok {
				v[key] = changed
				return v, true
			}
		}
	case []any:
		for i := range v {
			if changed, ok := altered(v[i]); ok {
				v[i] = changed
				return v, true
			}
		}
	}
	return value, false
}

var selector = regexp.MustCompile(`^(\w+)\[(\w+)=(.*)\]$`)

// keep notes what later steps name. A path is made of fields with dots between
// them; [field=value] picks the first such element of a list.
func (w *writing) keep(s step, answer []byte) error {
	var root any
	if err := json.Unmarshal(answer, &root); err != nil {
		return fmt.Errorf("%w: %s", err, answer)
	}
	for name, path := range s.Keep {
		for known, value := range w.names {
			path = strings.ReplaceAll(path, "${"+known+"}", value)
		}
		at := root
		for _, field := range strings.Split(path, ".") {
			pick := selector.FindStringSubmatch(field)
			if pick != nil {
				field = pick[1]
			}
			inner, _ := at.(map[string]any)
			at = inner[field]
			if list, ok := at.([]any); ok && pick != nil {
				i := slices.IndexFunc(list, func(e any) bool {
					fields, _ := e.(map[string]any)
					return fmt.Sprint(fields[pick[2]]) == pick[3]
				})
				if at = nil; i >= 0 {
					at = list[i]
				}
			}
		}
		if at == nil {
			return fmt.Errorf("no %s in %s", path, answer)
		}
		w.names[name] = fmt.Sprint(at)
	}
	return nil
}
