package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// part is a document as protoc-gen-openapiv3 writes it: two paths that differ
// only in the names of their parameters.
const part = `{
  "paths": {
    "/v1/provinces/{name}/inspections/{name_1}": {"get": {
      "operationId": "InspectionService_GetInspection",
      "summary": "GetInspection reads it. And more.",
      "responses": {"200": {"content": {}}, "default": {}}}},
    "/v1/provinces/{inspection.name}/inspections/{inspection.name_1}": {"patch": {
      "operationId": "InspectionService_UpdateInspection",
      "parameters": [{"name": "etag", "in": "query", "required": true, "schema": {"type": "string"}}],
      "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/xunshi.scheduling.v1.Inspection"}}}},
      "responses": {}}}
  },
  "components": {"schemas": {"xunshi.scheduling.v1.Inspection": {
    "properties": {
      "batch": {"type": "string"},
      "state": {"type": "string"},
      "entryDate": {"type": "object"}},
    "required": ["batch"]}}},
  "tags": [{"name": "InspectionService"}]
}`

func document(t *testing.T, texts ...string) (object, error) {
	t.Helper()
	var files []string
	for i, content := range texts {
		name := filepath.Join(t.TempDir(), string(rune('a'+i)))
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, name)
	}
	return merge(files)
}

func at(t *testing.T, o object, path ...string) object {
	t.Helper()
	for _, key := range path {
		next, ok := o[key].(object)
		if !ok {
			t.Fatalf("no %q of %v", key, path)
		}
		o = next
	}
	return o
}

func TestOnePathPerCollection(t *testing.T) {
	doc, err := document(t, part, part)
	if err != nil {
		t.Fatal(err)
	}
	if err := finish(doc, protoregistry.GlobalFiles); err != nil {
		t.Fatal(err)
	}
	item := at(t, doc, "paths", "/v1/provinces/{province}/inspections/{inspection}")
	if item["get"] == nil || item["patch"] == nil {
		t.Errorf("the two verbs did not meet on one path: %v", item)
	}
	if n := len(item["parameters"].([]any)); n != 2 {
		t.Errorf("got %d path parameters, want province and inspection", n)
	}
	get := at(t, item, "get")
	if get["summary"] != "GetInspection reads it" || !strings.Contains(text(get, "description"), "INSPECTION_GROUP (OWN_TASK)") {
		t.Errorf("summary %q, description %q", get["summary"], get["description"])
	}
	if responses := at(t, get, "responses"); responses["default"] != nil || responses["4XX"] == nil {
		t.Errorf("errors are not described by the body of AIP-193: %v", responses)
	}
}

func TestPatchTakesAPart(t *testing.T) {
	doc, err := document(t, part)
	if err != nil {
		t.Fatal(err)
	}
	if err := finish(doc, protoregistry.GlobalFiles); err != nil {
		t.Fatal(err)
	}
	schemas := at(t, doc, "components", "schemas")
	whole, patch := at(t, schemas, "xunshi.scheduling.v1.Inspection"), at(t, schemas, "xunshi.scheduling.v1.InspectionPatch")
	if at(t, whole, "properties", "state")["readOnly"] != true || at(t, whole, "properties", "batch")["maxLength"] == nil {
		t.Errorf("the protos' rules are missing: %v", whole)
	}
	if patch["required"] != nil || at(t, patch, "properties")["state"] != nil || at(t, patch, "properties")["batch"] == nil {
		t.Errorf("an update wants or takes the wrong fields: %v", patch)
	}
	operation := at(t, doc, "paths", "/v1/provinces/{province}/inspections/{inspection}", "patch")
	if etag := list(operation, "parameters")[0].(object); etag["name"] != "etag" || etag["required"] != nil {
		t.Errorf("the etag may come by header, so it is not required as a parameter: %v", etag)
	}
}

// TestAnswersSayWhatIsAlwaysThere: the edge writes empty fields too, but nothing for
// a message that is not set; what is sent as well as answered demands no more.
func TestAnswersSayWhatIsAlwaysThere(t *testing.T) {
	doc, err := document(t, part)
	if err != nil {
		t.Fatal(err)
	}
	if err := finish(doc, protoregistry.GlobalFiles); err != nil {
		t.Fatal(err)
	}
	schemas := at(t, doc, "components", "schemas")
	if required := list(at(t, schemas, "xunshi.scheduling.v1.Inspection"), "required"); !slices.Contains(required, any("state")) || slices.Contains(required, any("entryDate")) {
		t.Errorf("an answer holds %v", required)
	}
	if required := list(at(t, schemas, "xunshi.scheduling.v1.InspectionPatch"), "required"); len(required) > 0 {
		t.Errorf("a patch wants %v", required)
	}
}

// TestASubmissionBringsAReceipt: the answer of a method that gives receipts has the
// header, and no other answer.
func TestASubmissionBringsAReceipt(t *testing.T) {
	for name, want := range map[protoreflect.FullName]bool{
		"xunshi.scheduling.v1.LiaisonTaskService.CompleteLiaisonTask": true,
		"xunshi.scheduling.v1.LiaisonTaskService.CloseLiaisonTask":    false,
	} {
		d, err := protoregistry.GlobalFiles.FindDescriptorByName(name)
		if err != nil {
			t.Fatal(err)
		}
		responses := object{"200": object{"content": object{}}}
		respond(responses, d.(protoreflect.MethodDescriptor))
		if _, has := at(t, responses, "200", "headers")["Xunshi-Receipt"]; has != want {
			t.Errorf("%s has the header: %t", name, has)
		}
	}
}

func TestContradictionsAreFaults(t *testing.T) {
	for name, replace := range map[string][2]string{
		"two schemas under one name":   {`"required": ["batch"]`, `"required": []`},
		"a method that does not exist": {"InspectionService_GetInspection", "InspectionService_Gone"},
		"a field that does not exist":  {`"state":`, `"gone":`},
		"a parameter without a field":  {`"name": "etag"`, `"name": "gone"`},
		"an unknown collection":        {"/inspections/{name_1}", "/gone/{name_1}"},
	} {
		t.Run(name, func(t *testing.T) {
			changed := strings.Replace(part, replace[0], replace[1], 1)
			doc, err := document(t, changed)
			if name == "two schemas under one name" {
				doc, err = document(t, part, changed)
			}
			if err == nil {
				err = finish(doc, protoregistry.GlobalFiles)
			}
			if err == nil {
				t.Error("accepted")
			}
		})
	}
}

func TestUnknownRuleIsAFault(t *testing.T) {
	rules := &validate.FieldRules{Type: &validate.FieldRules_String_{String_: &validate.StringRules{Prefix: proto.String("x")}}}
	var field protoreflect.FieldDescriptor = rules.ProtoReflect().Descriptor().Fields().ByName("string")
	if err := apply(object{}, rules, field); err == nil || !strings.Contains(err.Error(), "string.prefix") {
		t.Errorf("got %v, want an error that names the rule", err)
	}
}

func TestSameBytesEveryTime(t *testing.T) {
	var first []byte
	for range 20 {
		doc, err := document(t, part)
		if err != nil {
			t.Fatal(err)
		}
		if err := finish(doc, protoregistry.GlobalFiles); err != nil {
			t.Fatal(err)
		}
		b, err := encode(doc)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = b
		}
		if !bytes.Equal(first, b) {
			t.Fatal("two runs differ")
		}
	}
}
