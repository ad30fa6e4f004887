package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	faultv1 "github.com/xunshi/xunshi/gen/go/xunshi/fault/v1"
)

const about = `REST edge of xunshi: inspection of counties by a province (省对县巡视), under the 2012 implementation measures.

Every path begins with the province. A caller is a person acting for one body in one jurisdiction; both come from
the bearer token, never from the request. Each operation names who may call it and the articles it rests on.

- Writes need an idempotency key, as the field requestId or the header Idempotency-Key; a repeat answers the same.
- Changes need the etag as last read, as the field etag or the header If-Match.
- Unknown fields and parameters are refused. Bodies are application/json in UTF-8, at most 1 MiB, but for files.
- Days are those of Asia/Shanghai; a statutory date says whether it is still provisional.
- An object of somebody else is answered like one that never existed.`

// catalogue is what the descriptors know.
type catalogue struct {
	files     *protoregistry.Files
	methods   map[string]protoreflect.MethodDescriptor // by operationId
	variables map[string]string                        // collection → name of its variable, e.g. caseFiles → caseFile
	reasons   []protoreflect.EnumValueDescriptor
}

// finish turns the merged documents into the one that is served.
func finish(doc object, files *protoregistry.Files) error {
	c := read(files)
	schemas := doc["components"].(object)["schemas"].(object)
	delete(schemas, "google.rpc.Status")
	c.takeFiles(doc)
	faults := c.constrainAll(schemas)
	faults = append(faults, c.operations(doc)...)
	c.requireWhatIsSent(doc)
	doc["info"] = object{
		"title":       "xunshi",
		"version":     "1.0.0",
		"summary":     "Inspection of counties by a province",
		"description": about,
	}
	doc["servers"] = []any{object{"url": "/", "description": "The gateway that serves this document."}}
	doc["security"] = []any{object{"bearer": []any{}}}
	c.components(doc["components"].(object))
	return errors.Join(faults...)
}

func read(files *protoregistry.Files) *catalogue {
	c := &catalogue{files: files, methods: map[string]protoreflect.MethodDescriptor{}, variables: map[string]string{}}
	files.RangeFiles(func(f protoreflect.FileDescriptor) bool {
		if !strings.HasPrefix(string(f.Package()), "xunshi.") {
			return true
		}
		for i := range f.Services().Len() {
			methods := f.Services().Get(i).Methods()
			for j := range methods.Len() {
				m := methods.Get(j)
				c.methods[fmt.Sprintf("%s_%s", m.Parent().Name(), m.Name())] = m
			}
		}
		for i := range f.Messages().Len() {
			c.readPatterns(f.Messages().Get(i))
		}
		if e := f.Enums().ByName("ErrorReason"); e != nil {
			for i := 1; i < e.Values().Len(); i++ { // 0 is never sent
				c.reasons = append(c.reasons, e.Values().Get(i))
			}
		}
		return true
	})
	slices.SortFunc(c.reasons, func(a, b protoreflect.EnumValueDescriptor) int {
		return cmp.Or(cmp.Compare(reason(a), reason(b)), cmp.Compare(a.FullName(), b.FullName()))
	})
	return c
}

// readPatterns learns from `provinces/{province}/caseFiles/{case_file}` how the
// members of each collection are called.
func (c *catalogue) readPatterns(m protoreflect.MessageDescriptor) {
	resource, _ := proto.GetExtension(m.Options(), annotations.E_Resource).(*annotations.ResourceDescriptor)
	for _, pattern := range resource.GetPattern() {
		segments := strings.Split(pattern, "/")
		for i, s := range segments { // a singleton has no variable, and may have members
			if strings.HasPrefix(s, "{") {
				c.variables[segments[i-1]] = camel(strings.Trim(s, "{}"))
			}
		}
	}
}

func camel(snake string) string {
	words := strings.Split(snake, "_")
	for i, w := range words[1:] {
		words[i+1] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, "")
}

// reason is what stands on the wire.
func reason(v protoreflect.EnumValueDescriptor) string {
	return strings.TrimPrefix(string(v.Name()), "ERROR_REASON_")
}

// owner is the service that answers with the reason; the shared ones are of any.
func owner(v protoreflect.EnumValueDescriptor) string {
	name := strings.Split(string(v.FullName()), ".")[1]
	if name == "fault" {
		return "any"
	}
	return name
}

// components adds what the operations refer to.
func (c *catalogue) components(components object) {
	components["securitySchemes"] = object{"bearer": object{
		"type": "http", "scheme": "bearer", "bearerFormat": "JWT",
		"description": "A token of the province's OIDC issuer: sub, xunshi_party (the body) and xunshi_jurisdiction, e.g. provinces/51/counties/510104.",
	}}
	components["headers"] = object{
		"ETag": object{
			"description": "The etag of the resource, to be sent back as If-Match.",
			"schema":      object{"type": "string"},
		},
		"X-Request-Id": object{
			"description": "Id of this call; it finds the call in the logs.",
			"schema":      object{"type": "string"},
		},
		"Xunshi-Receipt": object{
			"description": "The signed receipt of a submission by a county or a city: a JWS in compact form (RFC 7515, EdDSA), " +
				"verified by the public key of the service's audit log alone. A repeat brings the same. See Receipt.",
			"schema": object{"type": "string"},
		},
	}
	components["parameters"] = object{
		"Accept-Language": header("Accept-Language", "Language of error texts: zh-CN (default) or en.", object{"type": "string", "default": "zh-CN"}),
		"Idempotency-Key": header("Idempotency-Key", "The same as requestId; one of the two is required.", object{"type": "string", "format": "uuid"}),
		"If-Match":        header("If-Match", "The same as etag; one of the two is required. Another etag than the last is 412.", object{"type": "string", "maxLength": 40}),
	}
	components["responses"] = object{"Error": object{
		"description": "The call was refused or failed, and nothing was changed unless the reason is OUTCOME_UNKNOWN.",
		"headers":     object{"X-Request-Id": ref("headers/X-Request-Id")},
		"content":     object{"application/json": object{"schema": ref("schemas/Error")}},
	}}
	schemas := components["schemas"].(object)
	schemas["Error"] = errorSchema()
	schemas["ErrorInfo"] = object{
		"type":        "object",
		"description": "google.rpc.ErrorInfo, on every error.",
		"properties": object{
			"@type":    object{"type": "string", "const": "type.googleapis.com/google.rpc.ErrorInfo"},
			"reason":   ref("schemas/ErrorReason"),
			"domain":   object{"type": "string", "description": "Which service refused, e.g. scheduling.xunshi."},
			"metadata": object{"type": "object", "additionalProperties": object{"type": "string"}, "description": "What the text speaks of; `article` where the regulation refuses."},
		},
		"required": []any{"@type", "reason", "domain"},
	}
	schemas["ErrorReason"] = c.reasonSchema()
}

func header(name, description string, schema object) object {
	return object{"name": name, "in": "header", "description": description, "schema": schema}
}

func ref(to string) object { return object{"$ref": "#/components/" + to} }

// errorSchema is the body of AIP-193.
func errorSchema() object {
	var names []any
	for number := range int32(len(code.Code_name)) {
		if number != 0 { // OK is no error
			names = append(names, code.Code(number).String())
		}
	}
	return object{
		"type":     "object",
		"required": []any{"error"},
		"properties": object{"error": object{
			"type":     "object",
			"required": []any{"code", "message", "status", "details"},
			"properties": object{
				"code":    object{"type": "integer", "description": "The HTTP status."},
				"message": object{"type": "string", "description": "For developers."},
				"status":  object{"type": "string", "enum": names, "description": "Name of the google.rpc.Code."},
				"details": object{
					"type":        "array",
					"description": "ErrorInfo always; LocalizedMessage for people; at most one of BadRequest, PreconditionFailure, ResourceInfo, QuotaFailure; RetryInfo and RequestInfo where they help.",
					"items": object{"anyOf": []any{
						ref("schemas/ErrorInfo"),
						object{
							"type":                 "object",
							"properties":           object{"@type": object{"type": "string"}},
							"required":             []any{"@type"},
							"additionalProperties": true,
						},
					}},
				},
			},
		}},
	}
}

func (c *catalogue) reasonSchema() object {
	var names []any
	var table strings.Builder
	table.WriteString("Why a call was refused. New reasons may be added.\n\n| reason | of | 中文 | English |\n|---|---|---|---|\n")
	for i, v := range c.reasons {
		text, _ := proto.GetExtension(v.Options(), faultv1.E_Text).(*faultv1.Text)
		fmt.Fprintf(&table, "| %s | %s | %s | %s |\n", reason(v), owner(v), text.GetZh(), text.GetEn())
		if i == 0 || reason(c.reasons[i-1]) != reason(v) { // two services may use one word
			names = append(names, reason(v))
		}
	}
	return object{"type": "string", "description": table.String(), "enum": names}
}
