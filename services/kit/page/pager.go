package page

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/xunshi/xunshi/services/kit/clock"
	"github.com/xunshi/xunshi/services/kit/principal"
)

const (
	version     = 1
	minKey      = 32   // bytes
	macSize     = 16   // bytes of HMAC-SHA256 that are kept
	maxToken    = 1024 // characters, as in the protos
	tokenExpiry = 24 * time.Hour
)

// Request is a list request.
type Request interface {
	proto.Message
	GetPageSize() int32
	GetPageToken() string
}

// Pager makes and reads page tokens.
type Pager struct {
	key   []byte
	clock clock.Clock
}

// New makes a pager. All processes of a service share the key, of at least 32
// bytes; it must serve nothing else.
func New(key []byte, c clock.Clock) (*Pager, error) {
	if len(key) < minKey {
		return nil, fmt.Errorf("page: the key has %d bytes, at least %d are needed", len(key), minKey)
	}
	if c == nil {
		return nil, errors.New("page: no clock")
	}
	return &Pager{key: slices.Clone(key), clock: c}, nil
}

// Parse reads the cursor out of the page token of req. A token that was forged,
// is too old, or belongs to another query or caller is refused.
func (p *Pager) Parse(ctx context.Context, req Request) (Cursor, error) {
	token := req.GetPageToken()
	if token == "" {
		return Cursor{}, nil
	}
	if len(token) > maxToken {
		return Cursor{}, mismatch()
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) < 1+macSize || raw[0] != version {
		return Cursor{}, mismatch()
	}
	body, mac := raw[1:len(raw)-macSize], raw[len(raw)-macSize:]
	want, err := p.mac(ctx, req, body)
	if err != nil {
		return Cursor{}, err
	}
	if !hmac.Equal(mac, want) {
		return Cursor{}, mismatch()
	}
	c, expiry, ok := decode(body)
	if !ok || !p.clock.Now().Before(expiry) {
		return Cursor{}, mismatch()
	}
	return c, nil
}

// Next makes the token for the page after the row with this sort key and id, as
// text that the database reads back as the same value.
func (p *Pager) Next(ctx context.Context, req Request, id string, keys ...string) (string, error) {
	if id == "" {
		return "", errors.New("page: a cursor needs the id of the last row")
	}
	body := encode(Cursor{Keys: keys, ID: id}, p.clock.Now().Add(tokenExpiry))
	mac, err := p.mac(ctx, req, body)
	if err != nil {
		return "", err
	}
	token := base64.RawURLEncoding.EncodeToString(slices.Concat([]byte{version}, body, mac))
	if len(token) > maxToken {
		return "", fmt.Errorf("page: the sort key makes a token of %d characters", len(token))
	}
	return token, nil
}

// mac binds a token body to the caller and to the query: the type of the request
// and all of its fields but the two that change from page to page. Every part
// goes in with its length, so that parts cannot run into each other.
func (p *Pager) mac(ctx context.Context, req Request, body []byte) ([]byte, error) {
	query := proto.CloneOf[proto.Message](req).ProtoReflect()
	for _, name := range []string{"page_size", "page_token"} {
		if f := query.Descriptor().Fields().ByTextName(name); f != nil {
			query.Clear(f)
		}
	}
	fields, err := proto.MarshalOptions{Deterministic: true}.Marshal(query.Interface())
	if err != nil {
		return nil, fmt.Errorf("page: marshal the query: %w", err)
	}
	caller, _ := principal.From(ctx)
	h := hmac.New(sha256.New, p.key)
	for _, part := range [][]byte{
		{version},
		[]byte(caller.Party), []byte(caller.Jurisdiction()), []byte(caller.Subject),
		[]byte(query.Descriptor().FullName()), fields, body,
	} {
		fmt.Fprintf(h, "%d:", len(part))
		h.Write(part)
	}
	return h.Sum(nil)[:macSize], nil
}
