package requestid

import (
	"context"
	"fmt"

	"github.com/google/uuid"
)

// Metadata is the name of the gRPC metadata and HTTP header that carries it.
const Metadata = "x-request-id"

type contextKey struct{}

// With returns a context that carries id.
func With(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, contextKey{}, id)
}

// From gives the id of the call; empty outside one.
func From(ctx context.Context) string {
	id, _ := ctx.Value(contextKey{}).(string)
	return id
}

// Adopt takes the id that a caller sent, in lower case, or makes a fresh one if
// it is not a plain UUID: the id ends up in logs, so its form is fixed.
func Adopt(sent string) (string, error) {
	if len(sent) == len("00000000-0000-0000-0000-000000000000") {
		if id, err := uuid.Parse(sent); err == nil {
			return id.String(), nil
		}
	}
	id, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("requestid: %w", err)
	}
	return id.String(), nil
}
