package faultstatus_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	faultv1 "github.com/xunshi/xunshi/gen/go/xunshi/fault/v1"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/faultstatus"
)

type value struct{ name, zh, en string }

// enum makes an ErrorReason enum as a service would declare it.
func enum(t *testing.T, values ...value) protoreflect.EnumDescriptor {
	t.Helper()
	values = append([]value{{name: "ERROR_REASON_UNSPECIFIED"}}, values...)
	e := &descriptorpb.EnumDescriptorProto{Name: proto.String("ErrorReason")}
	for i, v := range values {
		options := &descriptorpb.EnumValueOptions{}
		if v.zh != "" || v.en != "" {
			proto.SetExtension(options, faultv1.E_Text, &faultv1.Text{Zh: v.zh, En: v.en})
		}
		e.Value = append(e.Value, &descriptorpb.EnumValueDescriptorProto{
			Name: proto.String(v.name), Number: proto.Int32(int32(i)), Options: options,
		})
	}
	f, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name: proto.String("test.proto"), Package: proto.String("test.v1"), Syntax: proto.String("proto3"),
		EnumType: []*descriptorpb.EnumDescriptorProto{e},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return f.Enums().Get(0)
}

// catalogue is that of a service with one reason of its own.
func catalogue(t *testing.T) *faultstatus.Catalogue {
	t.Helper()
	c, err := faultstatus.NewCatalogue("scheduling.xunshi", enum(t, value{
		"ERROR_REASON_NOTICE_TOO_LATE",
		"通知距进驻仅{days}个工作日，不足{needed}个（第{article}条）。",
		"The notice came {days} working days before entry, {needed} are needed (art. {article}).",
	}))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNewCatalogueRefusesIncompleteReasons(t *testing.T) {
	tests := []struct {
		name string
		v    value
		want string
	}{
		{"no text", value{name: "ERROR_REASON_X"}, "lacks zh or en"},
		{"no Chinese", value{"ERROR_REASON_X", "", "x"}, "lacks zh or en"},
		{"no English", value{"ERROR_REASON_X", "某", ""}, "lacks zh or en"},
		{"no prefix", value{"REASON_X", "某", "x"}, "ERROR_REASON_"},
		{"lower case", value{"ERROR_REASON_x", "某", "x"}, "ERROR_REASON_"},
		{"double underscore", value{"ERROR_REASON_A__B", "某", "x"}, "ERROR_REASON_"},
		{"too long", value{"ERROR_REASON_" + strings.Repeat("X", 64), "某", "x"}, "63"},
		{"a shared reason again", value{"ERROR_REASON_NOT_FOUND", "某", "x"}, "another enum"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := faultstatus.NewCatalogue("x.xunshi", enum(t, tt.v))
			if err == nil || c != nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, %v, want an error with %q", c, err, tt.want)
			}
		})
	}
	_, err := faultstatus.NewCatalogue("x.xunshi", enum(t, value{name: "ERROR_REASON_ONE"}, value{name: "ERROR_REASON_TWO"}))
	for _, want := range []string{"REASON_ONE", "REASON_TWO"} {
		if !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
}

func TestEverySharedReasonIsInTheCatalogue(t *testing.T) {
	reasons := catalogue(t).Reasons()
	for _, r := range []string{
		fault.ReasonFieldInvalid, fault.ReasonCredentialsInvalid, fault.ReasonMethodNotGranted, fault.ReasonNotFound,
		fault.ReasonAlreadyExists, fault.ReasonETagMismatch, fault.ReasonRequestIDReused,
		fault.ReasonPageTokenMismatch, fault.ReasonNameInvalid, fault.ReasonDeadlineInvalid, fault.ReasonOverloaded,
		fault.ReasonDependencyUnavailable, fault.ReasonInternal, fault.ReasonEventOutOfOrder,
		fault.ReasonOutcomeUnknown, fault.ReasonConstraintViolated, fault.ReasonConflict, fault.ReasonTooLarge,
		fault.ReasonUploadStalled, "NOTICE_TOO_LATE",
	} {
		if !slices.Contains(reasons, r) {
			t.Errorf("%s is not in the catalogue", r)
		}
	}
	if slices.Contains(reasons, "UNSPECIFIED") {
		t.Error("UNSPECIFIED is in the catalogue")
	}
}
