package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
)

// object is a JSON object as the REST edge sends it.
type object map[string]any

// text gives a string below a path such as "planDue.article"; empty if absent.
func (o object) text(path string) string {
	s, _ := o.at(path).(string)
	return s
}

func (o object) at(path string) any {
	var v any = map[string]any(o)
	for _, key := range strings.Split(path, ".") {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[key]
	}
	return v
}

// list gives the objects of an array field.
func (o object) list(key string) []object {
	items, _ := o[key].([]any)
	objects := make([]object, 0, len(items))
	for _, item := range items {
		if m, ok := item.(map[string]any); ok {
			objects = append(objects, m)
		}
	}
	return objects
}

// date gives a google.type.Date field as 2012-10-15.
func (o object) date(path string) string {
	m, ok := o.at(path).(map[string]any)
	if !ok {
		return ""
	}
	return fmt.Sprintf("%04v-%02v-%02v", m["year"], m["month"], m["day"])
}

// on writes a google.type.Date.
func on(year, month, day int) object { return object{"year": year, "month": month, "day": day} }

// answer is what the edge answered.
type answer struct {
	code int
	body object
}

// reason gives the reason and the article of a refusal.
func (a answer) reason() (reason, article string) {
	for _, d := range object(a.body.objectAt("error")).list("details") {
		if strings.HasSuffix(d.text("@type"), "google.rpc.ErrorInfo") {
			return d.text("reason"), d.text("metadata.article")
		}
	}
	return "", ""
}

func (o object) objectAt(key string) object {
	m, _ := o[key].(map[string]any)
	return m
}

// told gives the text for people of a refusal.
func (a answer) told() string {
	for _, d := range object(a.body.objectAt("error")).list("details") {
		if strings.HasSuffix(d.text("@type"), "google.rpc.LocalizedMessage") {
			return d.text("message")
		}
	}
	return ""
}

// call sends one request as an actor. Writes carry a fresh Idempotency-Key;
// etag, if any, goes as If-Match.
func (p *play) call(ctx context.Context, who actor, verb, path, etag string, body any) (answer, error) {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return answer{}, err
		}
		content = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, verb, p.stage.Gateway+"/v1/"+path, content)
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Authorization", "Bearer "+who.token)
	req.Header.Set("Accept-Language", "zh-CN")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Idempotency-Key", uuid.NewString())
	}
	if etag != "" {
		req.Header.Set("If-Match", etag)
	}
	resp, err := p.http.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	a := answer{code: resp.StatusCode}
	if err := json.NewDecoder(resp.Body).Decode(&a.body); err != nil {
		return a, fmt.Errorf("%s %s: %d without JSON: %w", verb, path, resp.StatusCode, err)
	}
	return a, nil
}

// do is call for what must succeed.
func (p *play) do(ctx context.Context, who actor, verb, path, etag string, body any) (object, error) {
	a, err := p.call(ctx, who, verb, path, etag, body)
	if err != nil {
		return nil, err
	}
	if a.code != http.StatusOK {
		return nil, fmt.Errorf("%s: %s %s answered %d %v", who.label, verb, path, a.code, a.body)
	}
	return a.body, nil
}

func (p *play) get(ctx context.Context, who actor, path string) (object, error) {
	return p.do(ctx, who, http.MethodGet, path, "", nil)
}

func (p *play) post(ctx context.Context, who actor, path, etag string, body any) (object, error) {
	return p.do(ctx, who, http.MethodPost, path, etag, body)
}

// await reads until ready says so: what another service announces arrives a
// moment later.
func (p *play) await(ctx context.Context, who actor, path string, ready func(object) bool) (object, error) {
	ctx, cancel := context.WithTimeout(ctx, p.stage.Patience)
	defer cancel()
	for {
		a, err := p.call(ctx, who, http.MethodGet, path, "", nil)
		if err != nil {
			return nil, err
		}
		if a.code == http.StatusOK && ready(a.body) {
			return a.body, nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%s: what %s waits for did not come: %d %v", who.label, path, a.code, a.body)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
