package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"buf.build/go/protovalidate"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// constrainAll adds the shape rules to the schemas, which are called by the full
// names of their messages.
func (c *catalogue) constrainAll(schemas object) []error {
	var faults []error
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		d, err := c.files.FindDescriptorByName(protoreflect.FullName(name))
		if err != nil {
			faults = append(faults, fmt.Errorf("schema %s: %w", name, err))
			continue
		}
		if m, ok := d.(protoreflect.MessageDescriptor); ok {
			faults = append(faults, constrainMessage(schemas[name].(object), m)...)
		}
	}
	if date, ok := schemas["google.type.Date"].(object); ok {
		constrainDate(date)
	}
	return faults
}

// constrainDate says what google.type.Date leaves open: this API takes whole
// days only.
func constrainDate(schema object) {
	schema["description"] = "A day in Asia/Shanghai."
	schema["required"] = []any{"year", "month", "day"}
	properties := schema["properties"].(object)
	for name, most := range map[string]int{"year": 9999, "month": 12, "day": 31} {
		p := properties[name].(object)
		p["minimum"], p["maximum"] = 1, most
	}
}

func constrainMessage(schema object, m protoreflect.MessageDescriptor) []error {
	var faults []error
	properties, _ := schema["properties"].(object)
	for name, p := range properties {
		f := m.Fields().ByJSONName(name)
		if f == nil {
			faults = append(faults, fmt.Errorf("schema of %s: no field %s", m.FullName(), name))
			continue
		}
		faults = append(faults, constrain(p.(object), f)...)
	}
	sayOneofs(schema, m)
	rules, err := protovalidate.ResolveMessageRules(m)
	if err != nil {
		return append(faults, err)
	}
	for _, rule := range rules.GetCel() {
		schema["description"] = text(schema, "description") + " " + rule.GetMessage()
	}
	return faults
}

// sayOneofs says in words that only one of some fields is set. As alternatives of
// the schema, which is what the generator writes, they make of the type in a client
// one of which no field can be read.
func sayOneofs(schema object, m protoreflect.MessageDescriptor) {
	for i := range m.Oneofs().Len() {
		o := m.Oneofs().Get(i)
		if o.IsSynthetic() {
			continue
		}
		var names []string
		for j := range o.Fields().Len() {
			names = append(names, o.Fields().Get(j).JSONName())
		}
		delete(schema, "oneOf")
		schema["description"] = text(schema, "description") + " At most one is set of " + strings.Join(names, ", ") + "."
	}
}

// constrain adds the rules of one field to its schema.
func constrain(schema object, f protoreflect.FieldDescriptor) []error {
	behaviors, _ := proto.GetExtension(f.Options(), annotations.E_FieldBehavior).([]annotations.FieldBehavior)
	for _, b := range behaviors {
		// The name of a resource is in the path; in a body it is ignored.
		if b == annotations.FieldBehavior_OUTPUT_ONLY || b == annotations.FieldBehavior_IDENTIFIER {
			schema["readOnly"] = true
		}
	}
	rules, err := protovalidate.ResolveFieldRules(f)
	if err != nil {
		return []error{err}
	}
	if rules.GetIgnore() == validate.Ignore_IGNORE_ALWAYS {
		return nil
	}
	if err := apply(schema, rules, f); err != nil {
		return []error{fmt.Errorf("%s: %w", f.FullName(), err)}
	}
	return nil
}

// apply writes the rules of a type as JSON Schema. A rule that it does not know
// is an error, so that the document never promises less than the server wants.
func apply(schema object, rules *validate.FieldRules, f protoreflect.FieldDescriptor) error {
	for _, rule := range rules.GetCel() {
		schema["description"] = text(schema, "description") + " " + rule.GetMessage()
	}
	typed := rules.ProtoReflect().WhichOneof(rules.ProtoReflect().Descriptor().Oneofs().ByName("type"))
	if typed == nil {
		return nil
	}
	var fault error
	kind := string(typed.Name())
	rules.ProtoReflect().Get(typed).Message().Range(func(rule protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		fault = applyOne(schema, kind+"."+string(rule.Name()), value, f)
		return fault == nil
	})
	return fault
}

func applyOne(schema object, rule string, value protoreflect.Value, f protoreflect.FieldDescriptor) error {
	switch rule {
	case "string.min_len":
		schema["minLength"] = value.Uint()
	case "string.max_len":
		schema["maxLength"] = value.Uint()
	case "string.max_bytes":
		schema["maxLength"] = value.Uint()
		schema["description"] = text(schema, "description") + fmt.Sprintf(" At most %d bytes of UTF-8.", value.Uint())
	case "string.pattern":
		schema["pattern"] = value.String()
	case "string.uuid":
		schema["format"] = "uuid"
	case "int64.gte": // in JSON it is a text of digits
		if value.Int() != 0 {
			return fmt.Errorf("the rule %s has a counterpart in the document for 0 only", rule)
		}
		schema["pattern"] = "^[0-9]+$"
	case "int32.gte":
		schema["minimum"] = value.Int()
	case "int32.lte":
		schema["maximum"] = value.Int()
	case "repeated.min_items":
		schema["minItems"] = value.Uint()
	case "repeated.max_items":
		schema["maxItems"] = value.Uint()
	case "repeated.unique":
		schema["uniqueItems"] = value.Bool()
	case "repeated.items":
		return apply(member(schema, "items"), value.Message().Interface().(*validate.FieldRules), f)
	case "enum.defined_only": // the schema of the enum lists its values
	case "enum.not_in":
		schema["not"] = object{"enum": valueNames(value.List(), f.Enum())}
	default:
		return fmt.Errorf("the rule %s has no counterpart in the document yet", rule)
	}
	return nil
}

func valueNames(numbers protoreflect.List, e protoreflect.EnumDescriptor) []any {
	var names []any
	for i := range numbers.Len() {
		number := protoreflect.EnumNumber(numbers.Get(i).Int())
		if v := e.Values().ByNumber(number); v != nil {
			names = append(names, string(v.Name()))
		}
	}
	return names
}
