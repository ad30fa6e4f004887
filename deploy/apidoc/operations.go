package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	policyv1 "github.com/xunshi/xunshi/gen/go/xunshi/policy/v1"
)

// operations rewrites the paths of the document and every operation on them.
func (c *catalogue) operations(doc object) []error {
	var faults []error
	paths := object{}
	old := doc["paths"].(object)
	schemas := doc["components"].(object)["schemas"].(object)
	for _, path := range slices.Sorted(maps.Keys(old)) {
		renamed, parameters, err := c.rename(path)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		item := member(paths, renamed)
		item["parameters"] = parameters
		for verb, value := range old[path].(object) {
			if item[verb] != nil {
				faults = append(faults, fmt.Errorf("%s %s: two methods", verb, renamed))
			}
			operation := value.(object)
			m := c.methods[text(operation, "operationId")]
			if m == nil {
				faults = append(faults, fmt.Errorf("%s %s: no method %q", verb, path, text(operation, "operationId")))
				continue
			}
			faults = append(faults, c.operation(operation, verb, m, schemas)...)
			item[verb] = operation
		}
	}
	doc["paths"] = paths
	return faults
}

// rename calls each variable of a path after the collection it stands in, so
// that paths which the generator told apart only by field names become one.
func (c *catalogue) rename(path string) (string, []any, error) {
	segments := strings.Split(path, "/")
	var parameters []any
	for i, s := range segments {
		if !strings.HasPrefix(s, "{") {
			continue
		}
		name := c.variables[segments[i-1]]
		if name == "" {
			return "", nil, fmt.Errorf("%s: no resource tells what a member of %s is called", path, segments[i-1])
		}
		_, verb, _ := strings.Cut(s, "}")
		segments[i] = "{" + name + "}" + verb
		parameters = append(parameters, parameter(name, segments[i-1]))
	}
	return strings.Join(segments, "/"), parameters, nil
}

func parameter(name, collection string) object {
	schema, description := object{"type": "string", "format": "uuid"}, "Id within "+collection+"."
	switch name {
	case "province":
		schema = object{"type": "string", "pattern": "^[0-9]{2}$", "examples": []any{"51"}}
		description = "First two digits of the GB/T 2260 code."
	case "rule_set":
		schema = object{"type": "string", "pattern": "^[A-Z0-9-]{1,64}$", "examples": []any{"CN-COUNTY-2012"}}
	case "obligation", "notification", "receipt":
		schema = object{"type": "string", "pattern": "^[a-z]+-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"}
		description = "The service that keeps it, and its id there."
	case "audit_log":
		schema = object{"type": "string", "pattern": "^[a-z]{1,32}$", "examples": []any{"rectification"}}
		description = "The service whose log it is."
	case "city", "county":
		schema = object{"type": "string", "pattern": "^[0-9]{6}$"}
		description = "GB/T 2260 code."
	}
	return object{"name": name, "in": "path", "required": true, "description": description, "schema": schema}
}

func (c *catalogue) operation(o object, verb string, m protoreflect.MethodDescriptor, schemas object) []error {
	var faults []error
	describe(o, m)
	var parameters []any
	for _, p := range list(o, "parameters") {
		p := p.(object)
		if p["in"] == "path" {
			continue // they stand at the path
		}
		f := fieldAt(declared(m), text(p, "name"))
		if f == nil {
			faults = append(faults, fmt.Errorf("%s: no field for the parameter %v", m.FullName(), p["name"]))
			continue
		}
		faults = append(faults, constrain(member(p, "schema"), f)...)
		if throughHeader(f) || f.Name() == "update_mask" {
			delete(p, "required") // the header serves as well; the mask defaults to what the body has
		}
		parameters = append(parameters, p)
	}
	o["parameters"] = append(parameters, headers(m, verb)...)
	faults = append(faults, body(o, verb, m, schemas)...)
	respond(member(o, "responses"), m)
	return faults
}

// fieldAt finds the field of a query parameter; one of a message within the
// request is written with dots.
func fieldAt(m protoreflect.MessageDescriptor, name string) protoreflect.FieldDescriptor {
	head, rest, nested := strings.Cut(name, ".")
	f := m.Fields().ByJSONName(head)
	if !nested || f == nil || f.Message() == nil {
		return f
	}
	return fieldAt(f.Message(), rest)
}

// body constrains an inline body, and lets a PATCH carry only what changes.
func body(o object, verb string, m protoreflect.MethodDescriptor, schemas object) []error {
	request, ok := o["requestBody"].(object)
	if !ok || m.IsStreamingClient() {
		return nil
	}
	media := request["content"].(object)["application/json"].(object)
	schema := media["schema"].(object)
	name := strings.TrimPrefix(text(schema, "$ref"), toSchemas)
	if name == "" {
		faults := constrainMessage(schema, m.Input())
		schema["additionalProperties"] = false
		schema["required"] = slices.DeleteFunc(list(schema, "required"), func(v any) bool {
			f := m.Input().Fields().ByJSONName(v.(string))
			return f != nil && throughHeader(f)
		})
		if len(list(schema, "required")) == 0 {
			delete(schema, "required")
		}
		return faults
	}
	if verb == "patch" {
		patch := partial(schemas[name].(object))
		delete(patch, "required")
		patch["description"] = "The fields to change. " + text(patch, "description")
		schemas[name+"Patch"] = patch
		media["schema"] = ref("schemas/" + name + "Patch")
		return nil
	}
	schemas[name+"Create"] = partial(schemas[name].(object))
	media["schema"] = ref("schemas/" + name + "Create")
	return nil
}

// partial is the schema of what a client sends of a resource: what the server sets
// is left out.
func partial(whole object) object {
	part := maps.Clone(whole)
	properties := object{}
	for name, p := range whole["properties"].(object) {
		if p.(object)["readOnly"] != true {
			properties[name] = p
		}
	}
	part["properties"] = properties
	return part
}

// throughHeader tells whether a header can stand for the field.
func throughHeader(f protoreflect.FieldDescriptor) bool {
	return f.Name() == "request_id" || f.Name() == "etag"
}

func headers(m protoreflect.MethodDescriptor, verb string) []any {
	all := []any{ref("parameters/Accept-Language")}
	if declared(m).Fields().ByName("request_id") != nil {
		all = append(all, ref("parameters/Idempotency-Key"))
	}
	if m.Input().Fields().ByName("etag") != nil && verb != "get" {
		all = append(all, ref("parameters/If-Match"))
	}
	return all
}

// calendar is the answer that the edge writes as text/calendar and not as JSON.
const calendar = "ObligationCalendar"

func respond(responses object, m protoreflect.MethodDescriptor) {
	delete(responses, "default")
	responses["4XX"] = ref("responses/Error")
	responses["5XX"] = ref("responses/Error")
	for _, r := range responses {
		if r, ok := r.(object); ok && r["content"] != nil {
			h := object{"X-Request-Id": ref("headers/X-Request-Id")}
			if m.Output().Fields().ByName("etag") != nil {
				h["ETag"] = ref("headers/ETag")
			}
			if access, _ := proto.GetExtension(m.Options(), policyv1.E_Access).(*policyv1.Access); access.GetReceipt() {
				h["Xunshi-Receipt"] = ref("headers/Xunshi-Receipt")
			}
			r["headers"] = h
			if m.Output().Name() == calendar {
				r["content"] = object{"text/calendar": object{"schema": object{"type": "string"}}}
			}
			if m.IsStreamingServer() {
				giveFile(r, h)
			}
		}
	}
}

// describe splits the comment of the RPC into summary and description, and says
// who may call and why.
func describe(o object, m protoreflect.MethodDescriptor) {
	comment := strings.Join(strings.Fields(text(o, "summary")+" "+text(o, "description")), " ")
	summary, _, _ := strings.Cut(comment, ". ")
	o["summary"] = strings.TrimSuffix(summary, ".")
	access, _ := proto.GetExtension(m.Options(), policyv1.E_Access).(*policyv1.Access)
	var allowed []string
	for _, grant := range access.GetAllow() {
		scope := strings.TrimPrefix(grant.GetScope().String(), "SCOPE_")
		for _, party := range grant.GetParties() {
			allowed = append(allowed, strings.TrimPrefix(party.String(), "PARTY_")+" ("+scope+")")
		}
	}
	lines := []string{comment, "", "Allowed: " + strings.Join(allowed, ", ") + ".",
		"", "Articles: " + strings.Join(access.GetArticles(), ", ") + "."}
	if access.GetAuditedRead() {
		lines = append(lines, "", "Every read is entered in the audit log before the answer leaves.")
	}
	if access.GetReceipt() {
		lines = append(lines, "", "A submission: a county or a city gets a signed receipt, as the header Xunshi-Receipt and by ReceiptService.")
	}
	o["description"] = strings.Join(lines, "\n")
}

func text(o object, key string) string {
	s, _ := o[key].(string)
	return s
}

func list(o object, key string) []any {
	l, _ := o[key].([]any)
	return l
}
