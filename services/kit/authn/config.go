package authn

import (
	"context"
	"errors"
	"net/url"

	"github.com/xunshi/xunshi/services/kit/principal"
)

// Verifier tells who a token speaks for.
type Verifier interface {
	// Verify gives the caller, or the fault CREDENTIALS_INVALID.
	Verify(ctx context.Context, rawToken string) (principal.Principal, error)
}

// Config says whose tokens are good.
type Config struct {
	Issuer   string `yaml:"issuer"`   // as in the claim iss
	Audience string `yaml:"audience"` // one of the values of the claim aud
	JWKSURL  string `yaml:"jwks_url"` // where the issuer publishes its keys
}

// Validate tells what is wrong with the settings. Plain http is for a provider
// on the same machine; it works wherever the settings say so.
func (c Config) Validate() []error {
	var errs []error
	if c.Issuer == "" {
		errs = append(errs, errors.New("issuer: is required"))
	}
	if c.Audience == "" {
		errs = append(errs, errors.New("audience: is required"))
	}
	u, err := url.Parse(c.JWKSURL)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		errs = append(errs, errors.New("jwks_url: must be an absolute http or https URL"))
	}
	return errs
}
