package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/xunshi/xunshi/deploy/devstack/stack"
)

// callTimeout is longer than any call takes, even on a busy machine.
const callTimeout = 30 * time.Second

// serviceOf gives the service that a method is asked of. All three answer for
// events and for obligations; what the world looks at is in these.
func serviceOf(m protoreflect.MethodDescriptor) string {
	switch service := strings.Split(string(m.FullName()), ".")[1]; service {
	case "event":
		return "casefile"
	case "obligation", "audit", "document": // all three keep some
		return "rectification"
	default:
		return service
	}
}

// keeperOf gives the service that keeps the object, which is a part of the name of
// an obligation or a notification.
func keeperOf(m protoreflect.MethodDescriptor, name string) string {
	id := name[strings.LastIndex(name, "/")+1:]
	if service, _, found := strings.Cut(id, "-"); found && slices.Contains(stack.Names(), service) {
		return service
	}
	return serviceOf(m)
}

// overREST tells whether the edge serves the method.
func overREST(m protoreflect.MethodDescriptor) bool {
	return proto.HasExtension(m.Options(), annotations.E_Http)
}

// isWrite tells whether the method changes something.
func isWrite(m protoreflect.MethodDescriptor) bool {
	return m.Input().Fields().ByName("request_id") != nil || m.IsStreamingClient()
}

// rest sends a request of a method through the edge. Its request_id travels as
// the header Idempotency-Key alone.
func rest(t *testing.T, m protoreflect.MethodDescriptor, req proto.Message, token string, headers map[string]string) (*http.Response, []byte) {
	t.Helper()
	text, err := protojson.Marshal(req)
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]any{}
	if err := json.Unmarshal(text, &fields); err != nil {
		t.Fatal(err)
	}
	sent := map[string]string{}
	if id, ok := fields["requestId"].(string); ok {
		sent["Idempotency-Key"] = id
		delete(fields, "requestId")
	}
	for k, v := range headers {
		sent[k] = v
	}
	verb, path, body := transcode(t, m, fields)
	return send(t, verb, path, token, body, sent)
}

// wire writes down everything of an answer that a client can see, but the date.
func wire(resp *http.Response, body []byte) string {
	var lines []string
	for name, values := range resp.Header {
		if name != "Date" && name != "X-Request-Id" {
			lines = append(lines, fmt.Sprintf("%s: %q", name, values))
		}
	}
	slices.Sort(lines)
	return fmt.Sprintf("%d\n%s\n\n%s", resp.StatusCode, strings.Join(lines, "\n"), body)
}
