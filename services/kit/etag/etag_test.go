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
			for name, check := range map[string]func(string, int64) error{"Check": etag.Check, "CheckOptional": etag.CheckOptional} {
				want := tt.reason
				if name == "CheckOptional" && tt.etag == "" {
					want = ""
				}
				err := check(tt.etag, 3)
				if e, ok := fault.As(err); (want == "") != (err == nil) || ok && e.Reason != want {
					t.Errorf("%s gave %v, want %q", name, err, want)
				}
				if e, ok := fault.As(err); ok && e.Reason == "ETAG_MISMATCH" && e.Kind != fault.Stale {
					t.Errorf("%s gave kind %v", name, e.Kind)
				}
			}
		})
	}
}
