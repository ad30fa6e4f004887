package authn

import (
	"context"
	"errors"
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

// VerifySignature checks the token with the present keys.
func (r *rotating) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
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
		return nil, errors.New("the keys are too old and the issuer does not answer")
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
