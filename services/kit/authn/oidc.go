package authn

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/xunshi/xunshi/services/kit/clock"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/principal"
)

const (
	maxToken   = 8 << 10 // bytes
	cacheSize  = 4096    // tokens
	cacheLimit = 5 * time.Minute
)

// OIDC verifies tokens with the published keys of one issuer. It is safe for
// concurrent use.
type OIDC struct {
	verifier *oidc.IDTokenVerifier
	clock    clock.Clock
	cache    *lru.Cache[[sha256.Size]byte, verified]
}

// verified is what a good token said. It is kept until the token expires, but no
// longer than cacheLimit, so that a key that the issuer withdrew stops working.
type verified struct {
	principal principal.Principal
	until     time.Time
}

// NewOIDC makes a verifier. It does not call the issuer yet; keys are fetched when
// the first token comes, with the values of ctx but not its end.
func NewOIDC(ctx context.Context, cfg Config, c clock.Clock) (*OIDC, error) {
	if errs := cfg.Validate(); len(errs) > 0 {
		return nil, fmt.Errorf("authn: %w", errors.Join(errs...))
	}
	if c == nil {
		return nil, errors.New("authn: no clock")
	}
	cache, err := lru.New[[sha256.Size]byte, verified](cacheSize)
	if err != nil {
		return nil, fmt.Errorf("authn: %w", err)
	}
	ctx = oidc.ClientContext(ctx, keyClient(c))
	keys := newRotating(func() oidc.KeySet { return oidc.NewRemoteKeySet(ctx, cfg.JWKSURL) }, c)
	verifier := oidc.NewVerifier(cfg.Issuer, keys, &oidc.Config{
		ClientID: cfg.Audience,
		// Asymmetric only: no "none", and no HMAC with a public key as its secret.
		SupportedSigningAlgs: []string{oidc.ES256, oidc.EdDSA, oidc.RS256},
		Now:                  c.Now,
	})
	return &OIDC{verifier: verifier, clock: c, cache: cache}, nil
}

// Verify gives the person that the token speaks for, or a fault: CREDENTIALS_INVALID,
// or DEPENDENCY_UNAVAILABLE when there was no key to judge the token by.
func (o *OIDC) Verify(ctx context.Context, rawToken string) (principal.Principal, error) {
	if rawToken == "" || len(rawToken) > maxToken {
		return principal.Principal{}, refuse(errors.New("the token is empty or too long"))
	}
	key := sha256.Sum256([]byte(rawToken))
	if v, ok := o.cache.Get(key); ok && o.clock.Now().Before(v.until) {
		return v.principal, nil
	}
	ctx, keys := watch(ctx)
	token, err := o.verifier.Verify(ctx, rawToken)
	switch {
	case err != nil && keys.missing != nil:
		return principal.Principal{}, fault.New(fault.Unavailable, fault.ReasonDependencyUnavailable).Wrap(keys.missing)
	case err != nil:
		return principal.Principal{}, refuse(err)
	}
	var c claims
	if err := token.Claims(&c); err != nil {
		return principal.Principal{}, refuse(err)
	}
	p, err := c.principal()
	if err != nil {
		return principal.Principal{}, refuse(err)
	}
	until := o.clock.Now().Add(cacheLimit)
	if token.Expiry.Before(until) {
		until = token.Expiry
	}
	o.cache.Add(key, verified{p, until})
	return p, nil
}

// refuse makes the one answer to every token that is not good.
func refuse(cause error) error {
	return fault.New(fault.Unauthenticated, fault.ReasonCredentialsInvalid).Wrap(cause)
}
