package receipt

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/gowebpki/jcs"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// ContentHash is the SHA-256, in hexadecimal digits, of the request message as proto3
// JSON, without requestId and etag, in canonical form (RFC 8785). Over REST the message
// is the body with the name or parent of the path in it; fields with their default value
// are left out.
func ContentHash(req proto.Message) (string, error) {
	text, err := protojson.Marshal(req)
	if err != nil {
		return "", fmt.Errorf("content of a receipt: %w", err)
	}
	return HashJSON(text)
}

// HashJSON is ContentHash of a message that is proto3 JSON already.
func HashJSON(text []byte) (string, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		return "", fmt.Errorf("content of a receipt: %w", err)
	}
	delete(fields, "requestId")
	delete(fields, "etag")
	rest, err := json.Marshal(fields)
	if err != nil {
		return "", fmt.Errorf("content of a receipt: %w", err)
	}
	canonical, err := jcs.Transform(rest)
	if err != nil {
		return "", fmt.Errorf("content of a receipt: %w", err)
	}
	sum := sha256.Sum256(canonical)
	return hex.EncodeToString(sum[:]), nil
}
