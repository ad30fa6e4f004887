package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// TestEveryWriteIsAnsweredOnce: whatever a write came to, the same request_id
// gets the same bytes again; with another body it is refused (AIP-155). The
// etags are stale, so the answers are refusals and what needs no etag is made.
func TestEveryWriteIsAnsweredOnce(t *testing.T) {
	own, _ := world(t)
	parties, cells := readMatrix(t)
	compared := 0
	for _, m := range methods() {
		if !isWrite(m) || !overREST(m) {
			continue
		}
		compared++
		t.Run(string(m.Name()), func(t *testing.T) {
			party := entitled(t, parties, cells[full(m)])
			token := must[string](t)(running.Token(t.Context(), own.subjectOf(party), party, own.areaOf(party)))
			req := request(m, own, own.held(pattern(m), party))
			resp, body := rest(t, m, req, token, nil)
			if reason := problem(body); reason == "FIELD_INVALID" {
				t.Fatalf("the request is not valid, so it was never taken: %s", body)
			}
			first := wire(resp, body)
			resp, body = rest(t, m, req, token, nil)
			if again := wire(resp, body); again != first {
				t.Errorf("first %s\nagain %s", first, again)
			}
			other := proto.Clone(req)
			if !alter(other.ProtoReflect()) {
				t.Fatal("nothing to change in the request")
			}
			resp, body = rest(t, m, other, token, nil)
			if resp.StatusCode != http.StatusBadRequest || problem(body) != "REQUEST_ID_REUSED" {
				t.Errorf("another body: %d %s", resp.StatusCode, body)
			}
			resp, body = rest(t, m, req, token, nil)
			if again := wire(resp, body); again != first {
				t.Errorf("first %s\nafter the refusal %s", first, again)
			}
		})
	}
	if compared < 40 {
		t.Errorf("only %d writes", compared)
	}
}

// entitled gives a person's party that may make the call.
func entitled(t *testing.T, parties, row []string) string {
	t.Helper()
	for i, cell := range row {
		if cell != "-" && parties[i] != "SERVICE" {
			return parties[i]
		}
	}
	t.Fatal("nobody may")
	return ""
}

func (l *life) subjectOf(party string) string {
	if party == "INSPECTION_GROUP" {
		return l.leader
	}
	return strings.ToLower(party)
}

func (l *life) areaOf(party string) string {
	switch party {
	case "COUNTY_COMMITTEE":
		return l.county
	case "CITY_COMMITTEE", "CITY_LIAISON_BODY", "DISCIPLINE_ORGAN", "ORGANIZATION_DEPARTMENT", "OTHER_DEPARTMENT":
		return l.city
	default:
		return sichuan
	}
}

// problem gives the reason of an AIP-193 body.
func problem(body []byte) string {
	var content struct {
		Error struct{ Details []struct{ Reason string } }
	}
	if json.Unmarshal(body, &content) != nil || len(content.Error.Details) == 0 {
		return ""
	}
	return content.Error.Details[0].Reason
}

// alter changes a little of a request that stays valid.
func alter(m protoreflect.Message) (done bool) {
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case f.Name() == "etag":
			m.Set(f, protoreflect.ValueOfString(`"999998"`))
			done = true
		case f.Kind() == protoreflect.StringKind && !f.IsList() && v.String() == "x":
			m.Set(f, protoreflect.ValueOfString("y"))
			done = true
		case f.Name() == "day":
			m.Set(f, protoreflect.ValueOfInt32(int32(v.Int()+1)))
			done = true
		case f.Message() != nil && !f.IsList() && !f.IsMap() && f.Name() != "update_mask":
			done = alter(v.Message())
		}
		return !done
	})
	return done
}

// written is one write that succeeds, and how to see what it left behind.
type written struct {
	name, verb, path string
	party            string
	body             map[string]any
	effect           string // what to look at before and after, e.g. a list
	watcher          string // the party that looks
}

// writes gives one of each kind in each service. Each has to change its effect
// when it is made for the first time.
func (l *life) writes(t *testing.T) []written {
	t.Helper()
	etagOf := func(party, name string) string {
		_, body := l.get(t, party, "/v1/"+name)
		var seen struct{ Etag string }
		if err := json.Unmarshal(body, &seen); err != nil || seen.Etag == "" {
			t.Fatalf("%s has no etag: %s", name, body)
		}
		return seen.Etag
	}
	paperBody := map[string]any{"title": "底稿", "facts": "事实"}
	return []written{
		{"a group is made", http.MethodPost, "/v1/" + sichuan + "/inspectionGroups", "INSPECTION_OFFICE",
			map[string]any{"displayName": "第十组", "members": []any{map[string]any{"subject": "x", "displayName": "组长", "post": "POST_LEADER"}}},
			"/v1/" + sichuan + "/inspectionGroups?pageSize=1000", "INSPECTION_OFFICE"},
		{"a decision is entered (art. 5)", http.MethodPost, "/v1/" + sichuan + "/decisions", "LEADING_GROUP",
			map[string]any{"documentNumber": rid(), "decideDate": map[string]any{"year": 2012, "month": 11, "day": 1},
				"items": []any{map[string]any{"kind": "KIND_APPROVE_BATCH", "subject": l.batch}}},
			"/v1/" + sichuan + "/decisions?pageSize=1000", "LEADING_GROUP"},
		{"a city briefs (art. 15)", http.MethodPost, "/v1/" + sichuan + "/briefings", "CITY_COMMITTEE",
			map[string]any{"county": l.county, "content": "通报"},
			"/v1/" + sichuan + "/briefings?pageSize=1000", "CITY_COMMITTEE"},
		{"a petition is registered (art. 8)", http.MethodPost, "/v1/" + l.caseFile + "/petitions", "INSPECTION_GROUP",
			map[string]any{"channel": "CHANNEL_LETTER", "content": "来信"},
			"/v1/" + l.caseFile + "/petitions?pageSize=1000", "INSPECTION_GROUP"},
		{"a working paper is made (art. 8)", http.MethodPost, "/v1/" + l.caseFile + "/workingPapers", "INSPECTION_GROUP",
			paperBody, "/v1/" + l.caseFile + "/workingPapers?pageSize=1000", "INSPECTION_GROUP"},
		{"a county reports progress (art. 17)", http.MethodPost, "/v1/" + l.item + ":reportProgress", "COUNTY_COMMITTEE",
			map[string]any{"state": "STATE_IN_PROGRESS", "percent": 40, "progress": "已办 " + rid(), "etag": etagOf("COUNTY_COMMITTEE", l.item)},
			"/v1/" + l.item, "COUNTY_COMMITTEE"},
	}
}

func (l *life) get(t *testing.T, party, path string) (*http.Response, []byte) {
	t.Helper()
	resp, body := send(t, http.MethodGet, path, l.token(t, party), nil, nil)
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %s", path, resp.StatusCode, body)
	}
	return resp, body
}

func (l *life) token(t *testing.T, party string) string {
	t.Helper()
	return must[string](t)(running.Token(t.Context(), l.subjectOf(party), party, l.areaOf(party)))
}

// TestARepeatChangesNothing: twenty at once and one later are one effect and one
// answer; the effect is looked at before, after the first, and at the end.
func TestARepeatChangesNothing(t *testing.T) {
	own, _ := world(t)
	for _, w := range own.writes(t) {
		t.Run(w.name, func(t *testing.T) {
			_, before := own.get(t, w.watcher, w.effect)
			key := map[string]string{"Idempotency-Key": rid()}
			token := own.token(t, w.party)
			answers := make([]string, 20)
			var all sync.WaitGroup
			for i := range answers {
				all.Go(func() { answers[i] = persist(t, w, token, key) })
			}
			all.Wait()
			if !strings.HasPrefix(answers[0], "200\n") {
				t.Fatalf("the write did not succeed: %s", answers[0])
			}
			_, after := own.get(t, w.watcher, w.effect)
			if bytes.Equal(before, after) {
				t.Fatalf("the write left nothing in %s", w.effect)
			}
			if grown := count(t, after) - count(t, before); grown > 1 {
				t.Errorf("%d came of one write", grown)
			}
			answers = append(answers, persist(t, w, token, key))
			for i, a := range answers {
				if a != answers[0] {
					t.Fatalf("answer %d\n%s\nanswer 0\n%s", i, a, answers[0])
				}
			}
			if _, end := own.get(t, w.watcher, w.effect); !bytes.Equal(after, end) {
				t.Errorf("a repeat changed %s\n%s\nto\n%s", w.effect, after, end)
			}
			if _, body := send(t, w.verb, w.path, token, w.body, map[string]string{"Idempotency-Key": rid()}); w.effect == "/v1/"+own.item && problem(body) != "ETAG_MISMATCH" {
				t.Errorf("the etag was good twice: %s", body)
			}
		})
	}
}

// persist asks until there is an answer. Twenty writers of one row may be told
// to come again, as a client library does.
func persist(t *testing.T, w written, token string, key map[string]string) string {
	for range 100 {
		resp, body := send(t, w.verb, w.path, token, w.body, key)
		if resp.StatusCode != http.StatusServiceUnavailable {
			return wire(resp, body)
		}
		time.Sleep(20 * time.Millisecond)
	}
	return fmt.Sprint("never answered: ", w.name)
}

// count gives how long the list of an answer is; 0 for what is no list.
func count(t *testing.T, body []byte) int {
	t.Helper()
	var answer map[string]json.RawMessage
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Fatal(err)
	}
	for _, v := range answer {
		var list []json.RawMessage
		if json.Unmarshal(v, &list) == nil {
			return len(list)
		}
	}
	return 0
}

// TestAKeyIsItsPrincipals: another person's request_id is free for everybody
// else, and tells them nothing of the answer it got.
func TestAKeyIsItsPrincipals(t *testing.T) {
	own, foreign := world(t)
	key := map[string]string{"Idempotency-Key": rid()}
	body := map[string]any{"channel": "CHANNEL_LETTER", "content": "机密来信"}
	resp, answer := send(t, http.MethodPost, "/v1/"+own.caseFile+"/petitions", own.token(t, "INSPECTION_GROUP"), body, key)
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%d %s", resp.StatusCode, answer)
	}
	resp, answer = send(t, http.MethodPost, "/v1/"+own.caseFile+"/petitions", foreign.token(t, "INSPECTION_GROUP"), body, key)
	if resp.StatusCode != http.StatusNotFound {
		t.Errorf("another group's leader with the key: %d %s", resp.StatusCode, answer)
	}
	resp, answer = send(t, http.MethodPost, "/v1/"+foreign.caseFile+"/petitions", foreign.token(t, "INSPECTION_GROUP"), body, map[string]string{"Idempotency-Key": rid()})
	if resp.StatusCode != http.StatusOK || !strings.Contains(string(answer), foreign.caseFile) {
		t.Errorf("the same body in another case file: %d %s", resp.StatusCode, answer)
	}
}
