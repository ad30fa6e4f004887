package etag_test

import (
	"math"
	"testing"

	"github.com/xunshi/xunshi/services/kit/etag"
	"github.com/xunshi/xunshi/services/kit/fault"
)

func TestRoundTrip(t *testing.T) {
	for _, version := range []int64{1, 3, 10, math.MaxInt64} {
		if got, err := etag.Parse(etag.Format(version)); err != nil || got != version {
			t.Errorf("version %d came back as %d, %v", version, got, err)
		}
	}
}

func TestCheck(t *testing.T) {
	tests := []struct {
		etag   string
		reason string // with version 3 stored
	}{
		{`"3"`, ""},
		{`"2"`, "ETAG_MISMATCH"},
		{`"4"`, "ETAG_MISMATCH"},
		{``, "FIELD_INVALID"},
		{`3`, "FIELD_INVALID"},
		{`"3`, "FIELD_INVALID"},
		{`3"`, "FIELD_INVALID"},
		{`W/"3"`, "FIELD_INVALID"},
		{`*`, "FIELD_INVALID"},
		{`""`, "FIELD_INVALID"},
		{`"`, "FIELD_INVALID"},
		{`"0"`, "FIELD_INVALID"},
		{`"-3"`, "FIELD_INVALID"},
		{`"+3"`, "FIELD_INVALID"},
		{`"03"`, "FIELD_INVALID"},
		{`" 3"`, "FIELD_INVALID"},
		{`"3","4"`, "FIELD_INVALID"},
		{`"9223372036854775808"`, "FIELD_INVALID"},
	}
	for _, tt := range tests {
		t.Run(tt.etag, func(t *testing.T) {
			err := etag.Check(tt.etag, 3)
			if e, ok := fault.As(err); (tt.reason == "") != (err == nil) || ok && e.Reason != tt.reason {
				t.Errorf("got %v, want %q", err, tt.reason)
			}
			if e, ok := fault.As(err); ok && e.Reason == "ETAG_MISMATCH" && e.Kind != fault.Stale {
				t.Errorf("got kind %v", e.Kind)
			}
		})
	}
}
