package gateway

import (
	"strings"
	"testing"

	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"google.golang.org/protobuf/proto"
)

// FuzzJSON: what the codec accepts, it writes and reads back the same.
func FuzzJSON(f *testing.F) {
	f.Add(goodTerm)
	f.Add(`{}`)
	f.Add(`{"displayName":"\u202e"}`)
	c := newCodec()
	f.Fuzz(func(t *testing.T, text string) {
		var term schedulingv1.Term
		if c.NewDecoder(strings.NewReader(text)).Decode(&term) != nil {
			return
		}
		written, err := c.Marshal(&term)
		if err != nil {
			t.Fatal(err)
		}
		var again schedulingv1.Term
		if err := c.NewDecoder(strings.NewReader(string(written))).Decode(&again); err != nil || !proto.Equal(&term, &again) {
			t.Fatalf("%q became %q: %v", text, written, err)
		}
	})
}
