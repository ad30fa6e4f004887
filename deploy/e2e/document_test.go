package e2e_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
)

// evidence is the content of the documents of these tests.
const evidence = "整改佐证"

func hashOf(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}

// fillUpload declares the evidence.
func fillUpload(m protoreflect.Message) {
	for name, value := range map[string]protoreflect.Value{
		"display_name": protoreflect.ValueOfString("佐证.txt"), "media_type": protoreflect.ValueOfString("text/plain"),
		"size_bytes": protoreflect.ValueOfInt64(int64(len(evidence))), "sha256": protoreflect.ValueOfString(hashOf(evidence)),
		"request_id": protoreflect.ValueOfString(rid()),
	} {
		m.Set(m.Descriptor().Fields().ByName(protoreflect.Name(name)), value)
	}
}

// stream makes a call of a method that streams: a request that declares a file is
// followed by the file, and of an answer in pieces all are taken.
func stream(ctx context.Context, c *grpc.ClientConn, m protoreflect.MethodDescriptor, req proto.Message, opts ...grpc.CallOption) (proto.Message, error) {
	desc := &grpc.StreamDesc{ClientStreams: m.IsStreamingClient(), ServerStreams: m.IsStreamingServer()}
	s, err := c.NewStream(ctx, desc, "/"+full(m), opts...)
	if err != nil {
		return dynamicpb.NewMessage(m.Output()), err
	}
	messages := []proto.Message{req}
	if m.IsStreamingClient() {
		chunk := dynamicpb.NewMessage(m.Input())
		chunk.Set(m.Input().Fields().ByName("chunk"), protoreflect.ValueOfBytes([]byte(evidence)))
		messages = append(messages, chunk)
	}
	for _, message := range messages {
		if err := s.SendMsg(message); err != nil {
			break // the answer says why
		}
	}
	if err := s.CloseSend(); err != nil {
		return dynamicpb.NewMessage(m.Output()), err
	}
	answer := dynamicpb.NewMessage(m.Output())
	if err := s.RecvMsg(answer); err != nil || !m.IsStreamingServer() {
		return answer, err
	}
	for {
		if err := s.RecvMsg(dynamicpb.NewMessage(m.Output())); errors.Is(err, io.EOF) {
			return answer, nil
		} else if err != nil {
			return answer, err
		}
	}
}

// handIn hands in the evidence over REST and gives the name of the document.
func (l *life) handIn(t *testing.T) string {
	t.Helper()
	resp, body := uploadOver(t, l, evidence, rid(), "text/plain", nil)
	var document struct{ Name string }
	if err := json.Unmarshal(body, &document); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%d %s", resp.StatusCode, body)
	}
	return document.Name
}

// uploadOver sends a file to the REST edge; more changes or adds parameters.
func uploadOver(t *testing.T, l *life, content, key, kind string, more url.Values) (*http.Response, []byte) {
	t.Helper()
	query := url.Values{"displayName": {"佐证.txt"}, "sha256": {hashOf(content)}}
	for name, values := range more {
		query[name] = values
	}
	token := must[string](t)(running.Token(t.Context(), "clerk", "COUNTY_COMMITTEE", l.county))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
		fmt.Sprintf("%s/v1/%s/documents:upload?%s", running.Gateway(), l.rectification, query.Encode()), strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"Authorization": "Bearer " + token, "Content-Type": kind, "Idempotency-Key": key} {
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, body
}

// TestFlowArt17EvidenceOverREST: a file goes in and comes out as it was, always to be
// saved and never to be shown (security.md §5.2, input 88).
func TestFlowArt17EvidenceOverREST(t *testing.T) {
	own, _ := world(t)
	content := strings.Repeat("整改佐证\n", 50_000)
	key := rid()
	resp, first := uploadOver(t, own, content, key, "text/plain; charset=utf-8", url.Values{"documentDate": {"2012-08-20"}, "displayName": {`整改 "佐证".txt`}})
	if resp.StatusCode != http.StatusBadRequest {
		t.Errorf("a name with quotes: %d %s", resp.StatusCode, first)
	}
	send1 := func() (string, []byte) {
		resp, body := uploadOver(t, own, content, key, "text/plain; charset=utf-8", url.Values{"documentDate": {"2012-08-20"}})
		return wire(resp, body), body
	}
	answer, body := send1()
	if !strings.HasPrefix(answer, "200\n") {
		t.Fatal(answer)
	}
	if again, _ := send1(); again != answer {
		t.Errorf("the repeat is %s, want %s", again, answer)
	}
	var document struct{ Name, Sha256, SizeBytes, Uploader string }
	if err := json.Unmarshal(body, &document); err != nil || document.Sha256 != hashOf(content) || document.Uploader != "PARTY_COUNTY_COMMITTEE" {
		t.Fatalf("%v: %s", err, body)
	}
	if resp, other := uploadOver(t, own, content+"改", key, "text/plain", nil); resp.StatusCode != http.StatusBadRequest || !strings.Contains(string(other), "REQUEST_ID_REUSED") {
		t.Errorf("another file under the same key: %d %s", resp.StatusCode, other)
	}
	token := must[string](t)(running.Token(t.Context(), "office", "INSPECTION_OFFICE", sichuan))
	resp, got := send(t, http.MethodGet, "/v1/"+document.Name+":download", token, nil, nil)
	if resp.StatusCode != http.StatusOK || string(got) != content {
		t.Fatalf("%d, %d bytes", resp.StatusCode, len(got))
	}
	for header, want := range map[string]string{
		"Content-Type":            "text/plain",
		"Content-Length":          fmt.Sprint(len(content)),
		"Content-Disposition":     `attachment; filename="__.txt"; filename*=UTF-8''%E4%BD%90%E8%AF%81.txt`,
		"X-Content-Type-Options":  "nosniff",
		"Content-Security-Policy": "sandbox; default-src 'none'",
		"Cache-Control":           "no-store",
	} {
		if have := resp.Header.Get(header); have != want {
			t.Errorf("%s: %s, want %s", header, have, want)
		}
	}
}

// TestRefusedUploadsOverREST: what the edge and the service refuse, with the status that
// security.md §5.2 lists.
func TestRefusedUploadsOverREST(t *testing.T) {
	own, _ := world(t)
	for name, tt := range map[string]struct {
		kind   string
		more   url.Values
		code   int
		reason string
	}{
		"another hash":      {"text/plain", url.Values{"sha256": {hashOf("x")}}, 400, "DOCUMENT_HASH_DIFFERS"},
		"another type":      {"application/pdf", url.Values{"displayName": {"佐证.pdf"}}, 415, "DOCUMENT_TYPE_DIFFERS"},
		"a type that runs":  {"text/html", nil, 415, "DOCUMENT_TYPE_REFUSED"},
		"no type":           {"", nil, 415, "MEDIA_TYPE_UNSUPPORTED"},
		"another charset":   {"text/plain; charset=gbk", nil, 400, "BODY_INVALID"},
		"a path":            {"text/plain", url.Values{"displayName": {"../x.txt"}}, 400, "FIELD_INVALID"},
		"no name":           {"text/plain", url.Values{"displayName": {}}, 400, "FIELD_INVALID"},
		"unknown parameter": {"text/plain", url.Values{"x": {"y"}}, 400, "BODY_INVALID"},
		"parameter twice":   {"text/plain", url.Values{"sha256": {hashOf(evidence), hashOf(evidence)}}, 400, "BODY_INVALID"},
		"under both names":  {"text/plain", url.Values{"display_name": {"佐证.txt"}}, 400, "BODY_INVALID"},
		"not UTF-8":         {"text/plain", url.Values{"displayName": {"\xff.txt"}}, 400, "BODY_INVALID"},
		"the parent":        {"text/plain", url.Values{"parent": {own.rectification}}, 400, "BODY_INVALID"},
		"a day that is no":  {"text/plain", url.Values{"documentDate": {"2012-02-30"}}, 400, "BODY_INVALID"},
	} {
		resp, body := uploadOver(t, own, evidence, rid(), tt.kind, tt.more)
		if resp.StatusCode != tt.code || !strings.Contains(string(body), `"`+tt.reason+`"`) {
			t.Errorf("%s: %d %s, want %d %s", name, resp.StatusCode, body, tt.code, tt.reason)
		}
	}
	resp, body := send(t, http.MethodPost, "/v1/"+own.rectification+"/documents:upload", "", map[string]any{}, nil)
	if resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("no token: %d %s", resp.StatusCode, body)
	}
}
