package policy

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	policyv1 "github.com/xunshi/xunshi/gen/go/xunshi/policy/v1"
)

// anyMessage can carry any message, so nothing can be promised about it.
const anyMessage = "google.protobuf.Any"

// Flow reports every method that is open to an outside party and whose answer
// can reach a field marked inside_only: letters, interviews, leads and reports
// never leave the inspection body (arts 8, 10). It follows messages to any
// depth, through lists and maps.
func Flow(services ...protoreflect.ServiceDescriptor) []error {
	var errs []error
	for _, service := range services {
		methods := service.Methods()
		for i := range methods.Len() {
			m := methods.Get(i)
			parties := outsideParties(accessOf(m))
			if len(parties) == 0 {
				continue
			}
			for _, path := range leaks(m.Output(), string(m.Output().Name()), make(map[protoreflect.FullName]bool)) {
				errs = append(errs, fmt.Errorf("%s is open to %s and can return %s, which is for inside only",
					m.FullName(), strings.Join(parties, ", "), path))
			}
		}
	}
	return errs
}

func outsideParties(access *policyv1.Access) []string {
	var outside []string
	for _, g := range access.GetAllow() {
		for _, p := range g.GetParties() {
			if party := partyOf(p); !party.Inside() {
				outside = append(outside, string(party))
			}
		}
	}
	slices.Sort(outside)
	return slices.Compact(outside)
}

// leaks lists the paths from m to fields that must stay inside. Each message is
// entered once, so that recursive messages end.
func leaks(m protoreflect.MessageDescriptor, path string, seen map[protoreflect.FullName]bool) []string {
	if seen[m.FullName()] {
		return nil
	}
	seen[m.FullName()] = true
	var found []string
	for i := range m.Fields().Len() {
		f := m.Fields().Get(i)
		at := path + "." + string(f.Name())
		if insideOnly(f) {
			found = append(found, at)
			continue
		}
		if next := messageOf(f); next != nil {
			found = append(found, leaks(next, at, seen)...)
		}
	}
	return found
}

func insideOnly(f protoreflect.FieldDescriptor) bool {
	if next := messageOf(f); next != nil && next.FullName() == anyMessage {
		return true
	}
	marked, _ := proto.GetExtension(f.Options(), policyv1.E_InsideOnly).(bool)
	return marked
}

// messageOf gives the message that a field holds, for a map that of its values.
func messageOf(f protoreflect.FieldDescriptor) protoreflect.MessageDescriptor {
	if f.IsMap() {
		return f.MapValue().Message()
	}
	return f.Message()
}
