package api

import (
	"fmt"
	"slices"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/xunshi/xunshi/services/kit/fault"
)

// merge puts the masked fields of from into the resource to. Only the listed
// paths can be changed. The edge makes the mask of the keys in a JSON body, where
// the name and the etag may stand too; they change nothing.
func merge(to, from proto.Message, mask *fieldmaskpb.FieldMask, changeable ...protoreflect.Name) error {
	paths := slices.DeleteFunc(slices.Clone(mask.GetPaths()), func(p string) bool { return p == "name" || p == "etag" })
	if len(paths) == 0 {
		return fault.InvalidField("update_mask", "REQUIRED", "name the fields to change")
	}
	dst, src := to.ProtoReflect(), from.ProtoReflect()
	for _, path := range paths {
		name := protoreflect.Name(path)
		if !slices.Contains(changeable, name) {
			return fault.InvalidField("update_mask", "PATH_INVALID", fmt.Sprintf("only %v can be changed", changeable))
		}
		f := dst.Descriptor().Fields().ByName(name)
		if !src.Has(f) {
			dst.Clear(f)
			continue
		}
		dst.Set(f, src.Get(f))
	}
	return nil
}
