package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
)

// testCase is one call and what must come of it, over gRPC and over REST.
type testCase struct {
	Name string `yaml:"name"`
	As   struct {
		Party   string `yaml:"party"`
		Area    string `yaml:"area"`
		Subject string `yaml:"subject"`
	} `yaml:"as"`
	Method  string         `yaml:"method"`
	Request map[string]any `yaml:"request"` // JSON of the request; ${own.x} is replaced
	Want    struct {
		Code    string `yaml:"code"`
		HTTP    int    `yaml:"http"`
		Reason  string `yaml:"reason"`
		Article string `yaml:"article"`
		Field   string `yaml:"field"` // a field that the details must name
	} `yaml:"want"`
}

func TestCases(t *testing.T) {
	own, foreign := world(t)
	files, err := filepath.Glob("testdata/cases/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	replace := strings.NewReplacer(replacements("own", own, "foreign", foreign)...)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var cases []testCase
		decoder := yaml.NewDecoder(strings.NewReader(replace.Replace(string(text))))
		decoder.KnownFields(true)
		if err := decoder.Decode(&cases); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, c := range cases {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml")+"/"+c.Name, func(t *testing.T) {
				m := methodNamed(t, c.Method)
				t.Run("grpc", func(t *testing.T) { c.overGRPC(t, m) })
				t.Run("http", func(t *testing.T) { c.overHTTP(t, m) })
			})
		}
	}
}

func replacements(pairs ...any) []string {
	var all []string
	for i := 0; i < len(pairs); i += 2 {
		who, l := pairs[i].(string), pairs[i+1].(*life)
		for key, value := range map[string]string{
			"county": l.county, "city": l.city, "term": l.term, "group": l.group, "batch": l.batch, "decision": l.decision,
			"inspection": l.inspection, "notice": l.notice, "briefing": l.briefing, "caseFile": l.caseFile,
			"petition": l.petition, "paper": l.paper, "report": l.report, "feedback": l.feedback, "delivery": l.delivery,
			"rectification": l.rectification, "item": l.item, "leader": l.leader, "member": l.member,
		} {
			all = append(all, "${"+who+"."+key+"}", value)
		}
	}
	return all
}

func methodNamed(t *testing.T, name string) protoreflect.MethodDescriptor {
	t.Helper()
	for _, m := range methods() {
		if full(m) == name {
			return m
		}
	}
	t.Fatalf("no method %s", name)
	return nil
}

// body gives the request as JSON, with a fresh request_id where the method
// takes one and the case says none.
func (c testCase) body(m protoreflect.MethodDescriptor) map[string]any {
	body := map[string]any{}
	for k, v := range c.Request {
		body[k] = v
	}
	if _, given := body["requestId"]; !given && m.Input().Fields().ByName("request_id") != nil {
		body["requestId"] = rid()
	}
	return body
}

func (c testCase) overGRPC(t *testing.T, m protoreflect.MethodDescriptor) {
	text, err := json.Marshal(c.body(m))
	if err != nil {
		t.Fatal(err)
	}
	req := dynamicpb.NewMessage(m.Input())
	if err := protojson.Unmarshal(text, req); err != nil {
		t.Fatalf("the case is no %s: %v", m.Input().Name(), err)
	}
	_, err = invoke(as(t, c.As.Subject, c.As.Party, c.As.Area), conn(t, strings.Split(c.Method, ".")[1]), m, req)
	c.check(t, status.Convert(err))
}

func (c testCase) overHTTP(t *testing.T, m protoreflect.MethodDescriptor) {
	verb, path, body := transcode(t, m, c.body(m))
	token, err := running.Token(t.Context(), c.As.Subject, c.As.Party, c.As.Area)
	if err != nil {
		t.Fatal(err)
	}
	resp, content := send(t, verb, path, token, body, nil)
	if c.Want.HTTP != 0 && resp.StatusCode != c.Want.HTTP {
		t.Errorf("HTTP %d, want %d: %s", resp.StatusCode, c.Want.HTTP, content)
	}
	if resp.StatusCode == http.StatusOK {
		c.check(t, status.New(0, ""))
		return
	}
	var problem struct {
		Error struct {
			Status  string
			Details []json.RawMessage
		}
	}
	if err := json.Unmarshal(content, &problem); err != nil {
		t.Fatalf("%v: %s", err, content)
	}
	c.check(t, parseProblem(t, problem.Error.Status, problem.Error.Details))
}

// parseProblem gives the status that an AIP-193 body tells of.
func parseProblem(t *testing.T, name string, details []json.RawMessage) *status.Status {
	t.Helper()
	joined, err := json.Marshal(map[string]any{"code": code.Code_value[name], "details": details})
	if err != nil {
		t.Fatal(err)
	}
	proto := status.New(0, "").Proto()
	if err := protojson.Unmarshal(joined, proto); err != nil {
		t.Fatalf("%v: %s", err, joined)
	}
	return status.FromProto(proto)
}

func (c testCase) check(t *testing.T, s *status.Status) {
	t.Helper()
	if got := code.Code(s.Code()).String(); got != c.Want.Code {
		t.Fatalf("got %s, want %s: %v %v", got, c.Want.Code, s.Message(), s.Details())
	}
	var reason, article string
	var fields []string
	for _, d := range s.Details() {
		switch d := d.(type) {
		case *errdetails.ErrorInfo:
			reason, article = d.GetReason(), d.GetMetadata()["article"]
		case *errdetails.BadRequest:
			for _, v := range d.GetFieldViolations() {
				fields = append(fields, v.GetField())
			}
		}
	}
	if reason != c.Want.Reason || article != c.Want.Article {
		t.Errorf("got %s art. %q, want %s art. %q", reason, article, c.Want.Reason, c.Want.Article)
	}
	if c.Want.Field != "" && !strings.Contains(strings.Join(fields, " "), c.Want.Field) {
		t.Errorf("the details name %v, want %s", fields, c.Want.Field)
	}
}

// transcode gives the REST form of a request by the HTTP rule of its method.
func transcode(t *testing.T, m protoreflect.MethodDescriptor, fields map[string]any) (verb, path string, body any) {
	t.Helper()
	rule := proto.GetExtension(m.Options(), annotations.E_Http).(*annotations.HttpRule)
	var pattern string
	switch {
	case rule.GetGet() != "":
		verb, pattern = http.MethodGet, rule.GetGet()
	case rule.GetPost() != "":
		verb, pattern = http.MethodPost, rule.GetPost()
	default:
		verb, pattern = http.MethodPatch, rule.GetPatch()
	}
	field, _ := addressed(m)
	path = namePattern.ReplaceAllLiteralString(pattern, take(t, fields, field))
	query := url.Values{}
	switch rule.GetBody() {
	case "*":
		return verb, path, fields
	case "":
	default:
		jsonName := m.Input().Fields().ByName(protoreflect.Name(rule.GetBody())).JSONName()
		body = fields[jsonName]
		delete(fields, jsonName)
		delete(fields, "updateMask") // the edge makes it of the body's keys
	}
	inQuery(query, "", fields)
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return verb, path, body
}

// inQuery writes fields as parameters; those of a message within are dotted.
func inQuery(query url.Values, prefix string, fields map[string]any) {
	for k, v := range fields {
		if inner, ok := v.(map[string]any); ok {
			inQuery(query, prefix+k+".", inner)
			continue
		}
		query.Set(prefix+k, fmt.Sprint(v))
	}
}

// take removes the string at a dotted path and gives it.
func take(t *testing.T, fields map[string]any, path string) string {
	t.Helper()
	steps := strings.Split(path, ".")
	for _, s := range steps[:len(steps)-1] {
		inner, ok := fields[jsonCase(s)].(map[string]any)
		if !ok {
			t.Fatalf("the case has no %s", path)
		}
		copied := map[string]any{}
		for k, v := range inner {
			copied[k] = v
		}
		fields[jsonCase(s)] = copied
		fields = copied
	}
	last := steps[len(steps)-1]
	value, _ := fields[last].(string)
	delete(fields, last)
	return value
}

func jsonCase(snake string) string {
	words := strings.Split(snake, "_")
	for i, w := range words[1:] {
		words[i+1] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, "")
}

// send makes one HTTP request to the edge.
func send(t *testing.T, verb, path, token string, body any, headers map[string]string) (*http.Response, []byte) {
	t.Helper()
	return sendBy(t, http.DefaultClient, verb, path, token, body, headers)
}

func sendBy(t *testing.T, client *http.Client, verb, path, token string, body any, headers map[string]string) (*http.Response, []byte) {
	t.Helper()
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		content = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(t.Context(), verb, running.Gateway()+path, content)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for k, v := range headers {
		req.Header.Set(k, v)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, text
}
