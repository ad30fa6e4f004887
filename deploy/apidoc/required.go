package main

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

const toSchemas = "#/components/schemas/"

// requireWhatIsSent says of every schema that only answers have which fields are
// always there: all that have no presence, since the edge writes them also when
// they are empty. A client is then spared to ask each time.
func (c *catalogue) requireWhatIsSent(doc object) {
	schemas := doc["components"].(object)["schemas"].(object)
	received := map[string]bool{}
	for _, item := range doc["paths"].(object) {
		for _, operation := range item.(object) {
			if o, ok := operation.(object); ok {
				reach(o["requestBody"], schemas, received)
				reach(o["parameters"], schemas, received)
			}
		}
	}
	for name, schema := range schemas {
		d, err := c.files.FindDescriptorByName(protoreflect.FullName(name))
		if m, ok := d.(protoreflect.MessageDescriptor); ok && err == nil && !received[name] {
			requireAll(schema.(object), m)
		}
	}
}

func requireAll(schema object, m protoreflect.MessageDescriptor) {
	required := list(schema, "required")
	for i := range m.Fields().Len() {
		f := m.Fields().Get(i)
		name := f.JSONName()
		properties, _ := schema["properties"].(object)
		if !f.HasPresence() && properties[name] != nil && !slices.Contains(required, any(name)) {
			required = append(required, name)
		}
	}
	if len(required) > 0 {
		schema["required"] = required
	}
}

// reach notes every schema that a part of the document refers to, at any depth.
func reach(part any, schemas object, seen map[string]bool) {
	switch part := part.(type) {
	case []any:
		for _, p := range part {
			reach(p, schemas, seen)
		}
	case object:
		if name, ok := strings.CutPrefix(text(part, "$ref"), toSchemas); ok && !seen[name] {
			seen[name] = true
			reach(schemas[name], schemas, seen)
		}
		for _, p := range part {
			reach(p, schemas, seen)
		}
	}
}
