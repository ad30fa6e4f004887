// Command apidoc makes the one OpenAPI document of the REST edge: it merges what
// protoc-gen-openapiv3 wrote for each proto file, and adds what that generator
// leaves out although the descriptors know it: names of path parameters, the
// shape rules, who may call, the headers and the error body.
//
//	go tool buf generate --template proto/buf.gen.yaml && go run ./deploy/apidoc
//
// It must not know a rule that is not in a proto, and its output depends on the
// protos alone: CI makes it again and fails on a difference.
package main
