package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
)

const maxDepth = 32

// codec reads and writes JSON strictly: an unknown or repeated field, a second
// value or an empty body is an error. protojson varies its white space from
// build to build, so what leaves is compacted.
type codec struct {
	runtime.JSONPb
	writer *writer
}

func newCodec() *codec {
	options := protojson.MarshalOptions{EmitDefaultValues: true}
	return &codec{
		JSONPb: runtime.JSONPb{MarshalOptions: options, UnmarshalOptions: protojson.UnmarshalOptions{RecursionLimit: maxDepth}},
		writer: &writer{options: options},
	}
}

// ContentType implements runtime.Marshaler.
func (c *codec) ContentType(v any) string {
	if _, ok := v.(*obligationv1.ObligationCalendar); ok {
		return "text/calendar; charset=utf-8"
	}
	return c.JSONPb.ContentType(v)
}

// Marshal implements runtime.Marshaler. A calendar is the one answer that is not
// JSON: programs that subscribe to it want its text.
func (c *codec) Marshal(v any) ([]byte, error) {
	if calendar, ok := v.(*obligationv1.ObligationCalendar); ok {
		return []byte(calendar.GetContent()), nil
	}
	if m, ok := v.(proto.Message); ok {
		return c.writer.marshal(m)
	}
	loose, err := c.JSONPb.Marshal(v)
	if err != nil {
		return nil, err
	}
	var tight bytes.Buffer
	if err := json.Compact(&tight, loose); err != nil {
		return nil, err
	}
	return tight.Bytes(), nil
}

// NewDecoder implements runtime.Marshaler.
func (c *codec) NewDecoder(r io.Reader) runtime.Decoder {
	return runtime.DecoderFunc(func(v any) error {
		body, err := io.ReadAll(r)
		if err != nil {
			return err
		}
		if len(bytes.TrimSpace(body)) == 0 {
			return errors.New("the body is empty")
		}
		// The marshaller would stop after the first value.
		if err := json.Unmarshal(body, new(json.RawMessage)); err != nil {
			return err
		}
		if err := c.Unmarshal(body, v); err != nil {
			return explain(err)
		}
		return nil
	})
}

// explain drops the prefix by which protobuf marks its errors; it varies.
func explain(err error) error {
	text := err.Error()
	if i := strings.Index(text, "(line "); i >= 0 {
		text = text[i:]
	}
	return fmt.Errorf("%s", text)
}

// setETag repeats the etag of a resource as a header.
func setETag(_ context.Context, w http.ResponseWriter, m proto.Message) error {
	if r, ok := m.(interface{ GetEtag() string }); ok && r.GetEtag() != "" {
		w.Header().Set("ETag", r.GetEtag())
	}
	return nil
}
