package authn

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/xunshi/xunshi/services/kit/clock"
)

const (
	renewAfter = 10 * time.Minute // when the keys are fetched anew
	retryAfter = time.Minute      // when that failed
	dropAfter  = time.Hour        // how long old keys serve while the issuer does not answer
)

// rotating is a key set that forgets: the set of the library asks for keys that
// it does not know, but would use a key that the issuer withdrew for ever.
type rotating struct {
	fresh func() oidc.KeySet
	clock clock.Clock

	mu      sync.Mutex
	current oidc.KeySet
	renewAt time.Time
	dropAt  time.Time
}

func newRotating(fresh func() oidc.KeySet, c clock.Clock) *rotating {
	r := &rotating{fresh: fresh, clock: c}
	r.use(fresh())
	return r
}

// lookup tells how it went to get the keys for one token. The library passes no
// error on as an error, so it travels in the context.
type lookup struct{ missing error }

type lookupKey struct{}

func watch(ctx context.Context) (context.Context, *lookup) {
	l := new(lookup)
	return context.WithValue(ctx, lookupKey{}, l), l
}

// VerifySignature checks the token with the present keys.
func (r *rotating) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	payload, err := r.verify(ctx, jwt)
	if l, ok := ctx.Value(lookupKey{}).(*lookup); ok && (errors.Is(err, errFetch) || err != nil && ctx.Err() != nil) {
		l.missing = err
	}
	return payload, err
}

func (r *rotating) verify(ctx context.Context, jwt string) ([]byte, error) {
	current, candidate := r.pick()
	if candidate == nil {
		return r.verifyWith(ctx, current, jwt)
	}
	payload, err := candidate.VerifySignature(ctx, jwt)
	if errors.Is(err, errFetch) || ctx.Err() != nil {
		return r.verifyWith(ctx, current, jwt)
	}
	r.use(candidate)
	return payload, err
}

func (r *rotating) verifyWith(ctx context.Context, keys oidc.KeySet, jwt string) ([]byte, error) {
	if keys == nil {
		return nil, fmt.Errorf("%w, and those we have are too old", errFetch)
	}
	return keys.VerifySignature(ctx, jwt)
}

// pick gives the keys in use, nil once they are too old, and when it is time also
// new ones to try: to one caller only, while the others go on with the old.
func (r *rotating) pick() (current, candidate oidc.KeySet) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.clock.Now()
	current = r.current
	if !now.Before(r.dropAt) {
		current = nil
	}
	if current == nil || !now.Before(r.renewAt) {
		r.renewAt = now.Add(retryAfter)
		candidate = r.fresh()
	}
	return current, candidate
}

func (r *rotating) use(keys oidc.KeySet) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.clock.Now()
	r.current, r.renewAt, r.dropAt = keys, now.Add(renewAfter), now.Add(dropAfter)
}
