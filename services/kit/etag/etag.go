package etag

import (
	"strconv"
	"strings"

	"github.com/xunshi/xunshi/services/kit/fault"
)

// field is the name of the field in every resource and request (api.md).
const field = "etag"

// Format gives the etag of a version, e.g. `"3"` with its quotes.
func Format(version int64) string {
	return `"` + strconv.FormatInt(version, 10) + `"`
}

// Parse reads the version out of an etag. An empty etag is refused as missing.
func Parse(etag string) (int64, error) {
	if etag == "" {
		return 0, fault.InvalidField(field, "REQUIRED", "read the object first and send its etag")
	}
	inner, opened := strings.CutPrefix(etag, `"`)
	inner, closed := strings.CutSuffix(inner, `"`)
	version, err := strconv.ParseInt(inner, 10, 64)
	// Only what Format makes is an etag: no weak ones, signs or leading zeros.
	if !opened || !closed || err != nil || version < 1 || Format(version) != etag {
		return 0, fault.InvalidField(field, "ETAG_INVALID", "not an etag of this system")
	}
	return version, nil
}

// Check compares the etag of a request with the version that is stored; for
// updates, deletions and decisions that bind people, where it is required.
func Check(etag string, version int64) error {
	got, err := Parse(etag)
	if err != nil {
		return err
	}
	if got != version {
		return fault.New(fault.Stale, fault.ReasonETagMismatch)
	}
	return nil
}
