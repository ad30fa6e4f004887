package api

import (
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// merge puts the fields that an update names into what is there. The paths are those of
// checkMask; what lies deeper is replaced with the field that it is in.
func merge(there, update proto.Message, paths []string) {
	into, from := there.ProtoReflect(), update.ProtoReflect()
	for _, path := range paths {
		name, _, _ := strings.Cut(path, ".")
		field := into.Descriptor().Fields().ByName(protoreflect.Name(name))
		if from.Has(field) {
			into.Set(field, from.Get(field))
		} else {
			into.Clear(field)
		}
	}
}
