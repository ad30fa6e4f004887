package receipt

import "context"

// Header is the metadata key, and the REST header, that brings a receipt. Call carries it
// from the transaction to the interceptor that sends it.
const Header = "xunshi-receipt"

// Call is the receipt of one call.
type Call struct {
	Issuer *Issuer
	Text   string // once it is issued, or found for a repeat
}

type contextKey struct{}

// WithCall returns a context in which the method gives a receipt.
func WithCall(ctx context.Context, c *Call) context.Context {
	return context.WithValue(ctx, contextKey{}, c)
}

// CallFrom gives the call; nil where the method gives no receipts.
func CallFrom(ctx context.Context) *Call {
	c, _ := ctx.Value(contextKey{}).(*Call)
	return c
}
