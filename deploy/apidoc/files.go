package main

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	documentv1 "github.com/xunshi/xunshi/gen/go/xunshi/document/v1"
)

// A file is the body of a request or an answer, which the generator cannot say: of a
// method that streams one in it writes nothing, of one that streams one out a list.

// takeFiles adds the operations of the methods that stream a file in, and drops what
// the generator says of the pieces of one that streams out.
func (c *catalogue) takeFiles(doc object) {
	schemas := doc["components"].(object)["schemas"].(object)
	for id, m := range c.methods {
		if m.IsStreamingServer() {
			delete(schemas, string(m.Output().FullName()))
		}
		path, _ := proto.GetExtension(m.Options(), documentv1.E_UploadPath).(string)
		if path == "" || schemas[string(m.Output().FullName())] == nil {
			continue
		}
		operation := object{
			"operationId": id,
			"tags":        []any{string(m.Parent().Name())},
			"summary":     fmt.Sprintf("%s takes the file that is the body.", m.Name()),
			"description": "Content-Type is its type and Content-Length, which is required, its size: at most 1 GiB by default. " +
				"Nothing is kept unless size, SHA-256 and type are as declared. A repeat sends the file again.",
			"parameters":  declarations(m),
			"requestBody": object{"required": true, "content": object{"*/*": object{"schema": binary()}}},
			"responses": object{"200": object{"description": "The document.", "content": object{
				"application/json": object{"schema": ref("schemas/" + string(m.Output().FullName()))},
			}}},
		}
		member(doc["paths"].(object), spread(path))["post"] = operation
	}
}

// declarations are the query parameters by which a file is declared; its type and size
// are headers of HTTP itself.
func declarations(m protoreflect.MethodDescriptor) []any {
	var all []any
	fields := declared(m).Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		description := map[protoreflect.Name]string{
			"display_name":  "The name that people see: that of a file, without a path.",
			"sha256":        "SHA-256 of the file, 64 hexadecimal digits in small letters.",
			"document_date": "The day written on the document, e.g. 2012-11-13.",
		}[f.Name()]
		if description == "" {
			continue
		}
		p := object{"name": f.JSONName(), "in": "query", "description": description, "schema": object{"type": "string"}}
		if f.Message() != nil {
			p["schema"] = object{"type": "string", "format": "date"}
		} else {
			p["required"] = true
		}
		all = append(all, p)
	}
	return all
}

// declared is the message whose fields a caller gives: the request, or the first part
// of one that streams a file in.
func declared(m protoreflect.MethodDescriptor) protoreflect.MessageDescriptor {
	if !m.IsStreamingClient() {
		return m.Input()
	}
	return m.Input().Oneofs().Get(0).Fields().Get(0).Message()
}

// spread writes {upload.parent=provinces/*/rectifications/*} as the generator writes
// paths, one variable a segment.
func spread(path string) string {
	before, rest, _ := strings.Cut(path, "{")
	variable, after, _ := strings.Cut(rest, "}")
	_, pattern, _ := strings.Cut(variable, "=")
	for n := 0; strings.Contains(pattern, "*"); n++ {
		pattern = strings.Replace(pattern, "*", fmt.Sprintf("{parent_%d}", n), 1)
	}
	return before + pattern + after
}

// giveFile makes the answer a file.
func giveFile(response, headers object) {
	response["description"] = "The file."
	response["content"] = object{"*/*": object{"schema": binary()}}
	headers["Content-Disposition"] = object{
		"description": "attachment, with the name of the file (RFC 6266).", "schema": object{"type": "string"},
	}
	headers["Repr-Digest"] = object{
		"description": "SHA-256 of the file (RFC 9530).", "schema": object{"type": "string"},
	}
}

func binary() object { return object{"type": "string", "format": "binary"} }
