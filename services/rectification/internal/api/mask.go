package api

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/xunshi/xunshi/services/kit/fault"
)

// checkMask wants at least one of the paths that an update may change. name and
// etag are dropped, because the REST edge makes the mask from the keys of the
// body (AIP-134).
func checkMask(mask *fieldmaskpb.FieldMask, allowed ...string) ([]string, error) {
	var paths []string
	for _, path := range mask.GetPaths() {
		switch {
		case path == "name" || path == "etag":
		case slices.Contains(allowed, path):
			paths = append(paths, path)
		default:
			return nil, fault.InvalidField("update_mask", "PATH_NOT_ALLOWED", "only "+strings.Join(allowed, ", ")+" can be changed")
		}
	}
	if len(paths) == 0 {
		return nil, fault.InvalidField("update_mask", "REQUIRED", "say which of "+strings.Join(allowed, ", ")+" changes")
	}
	return paths, nil
}
