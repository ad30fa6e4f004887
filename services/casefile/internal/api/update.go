package api

import (
	"errors"
	"fmt"
	"slices"

	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	casefilev1 "github.com/xunshi/xunshi/gen/go/xunshi/casefile/v1"
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

// shape checks a merged resource by the rules of its proto; that of a request was
// checked before the handler.
type shape struct {
	rules protovalidate.Validator
}

func newShape() (shape, error) {
	rules, err := protovalidate.New(
		protovalidate.WithMessages(&casefilev1.WorkingPaper{}, &casefilev1.InspectionReport{}),
		protovalidate.WithDisableLazy())
	if err != nil {
		return shape{}, fmt.Errorf("validation rules: %w", err)
	}
	return shape{rules}, nil
}

// check tells what is wrong with a resource; field is where it stands in the request.
func (s shape) check(field string, resource proto.Message) error {
	err := s.rules.Validate(resource)
	if err == nil {
		return nil
	}
	var invalid *protovalidate.ValidationError
	if !errors.As(err, &invalid) {
		return fmt.Errorf("validate %s: %w", field, err)
	}
	f := fault.New(fault.Invalid, fault.ReasonFieldInvalid)
	for _, v := range invalid.Violations {
		f = f.WithField(field+"."+protovalidate.FieldPathString(v.Proto.GetField()),
			fault.ReasonFieldInvalid, v.Proto.GetMessage())
	}
	return f
}
