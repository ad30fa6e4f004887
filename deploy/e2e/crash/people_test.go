package crash_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/xunshi/xunshi/deploy/devstack/stack"
)

// write is a write that was acknowledged, with the answer that its author got.
type write struct {
	verb, path, key string
	header          http.Header
	body            []byte
	code            int
	answer          string
}

// people stands between those who write and the REST edge, and does what every
// client is told to do: what found no answer is sent again, with the same
// Idempotency-Key, until it has one.
type people struct {
	gateway string
	url     string
	over    <-chan struct{} // closed when the test ends

	mu      sync.Mutex
	writes  []write
	repeats int
}

// impatient is how long one attempt may take.
const impatient = 10 * time.Second

func newPeople(t *testing.T, s *system) *people {
	p := &people{gateway: s.gateway, over: t.Context().Done()}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	p.url = server.URL
	return p
}

func (p *people) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	asked := write{verb: r.Method, path: r.URL.RequestURI(), key: r.Header.Get("Idempotency-Key"), header: r.Header.Clone(), body: body}
	for {
		code, answer, err := p.send(r.Context(), asked)
		if err == nil && code != http.StatusServiceUnavailable && code != http.StatusGatewayTimeout {
			asked.code, asked.answer = code, answer
			break
		}
		p.note(func() { p.repeats++ })
		select {
		case <-p.over:
			http.Error(w, "the test is over", http.StatusServiceUnavailable)
			return
		case <-r.Context().Done():
			return // the author gave up
		case <-time.After(50 * time.Millisecond):
		}
	}
	if asked.key != "" {
		p.note(func() { p.writes = append(p.writes, asked) })
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(asked.code)
	_, _ = io.WriteString(w, asked.answer) // whoever waited is gone if this fails
}

// send makes one attempt.
func (p *people) send(ctx context.Context, asked write) (code int, answer string, err error) {
	ctx, cancel := context.WithTimeout(ctx, impatient)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, asked.verb, p.gateway+asked.path, bytes.NewReader(asked.body))
	if err != nil {
		return 0, "", err
	}
	for _, name := range []string{"Authorization", "Content-Type", "Idempotency-Key", "If-Match", "Accept-Language"} {
		req.Header[name] = asked.header[name]
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text), err
}

func (p *people) note(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
}

// acknowledged gives all writes that had an answer, and how often one was
// repeated for it.
func (p *people) acknowledged() ([]write, int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.writes), p.repeats
}

type object = map[string]any

// office writes as the inspection office does.
type office struct {
	people *people
	token  string
}

func newOffice(t *testing.T, s *system, p *people, party string) office {
	token, err := stack.RemoteIssuer(s.issuer)(t.Context(), "person-"+party, party, stack.Sichuan)
	if err != nil {
		t.Fatal(err)
	}
	return office{p, token}
}

// post writes under a key of its own, and wants an acknowledgement.
func (o office) post(path, etag string, body object) (object, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequest(http.MethodPost, o.people.url+"/v1/"+path, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	maps.Copy(req.Header, http.Header{
		"Authorization": {"Bearer " + o.token}, "Content-Type": {"application/json"}, "Idempotency-Key": {uuid.NewString()},
	})
	if etag != "" {
		req.Header.Set("If-Match", etag)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var answer object
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return nil, fmt.Errorf("POST %s: %d: %w", path, resp.StatusCode, err)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("POST %s: %d %v", path, resp.StatusCode, answer)
	}
	return answer, nil
}

// must is post for the goroutine of the test.
func (o office) must(t *testing.T, path, etag string, body object) object {
	t.Helper()
	answer, err := o.post(path, etag, body)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func text(o object, key string) string {
	s, _ := o[key].(string)
	return s
}

// id is the last part of a resource name.
func id(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }
