package authn

import (
	"errors"
	"net"
	"net/url"
)

// Config says whose tokens are good.
type Config struct {
	Issuer   string `yaml:"issuer"`   // as in the claim iss
	Audience string `yaml:"audience"` // one of the values of the claim aud
	JWKSURL  string `yaml:"jwks_url"` // where the issuer publishes its keys
}

// Validate tells what is wrong with the settings. Plain http is for a provider
// on the same machine only: whoever sits between us and the issuer would
// otherwise choose the keys.
func (c Config) Validate() []error {
	var errs []error
	if c.Issuer == "" {
		errs = append(errs, errors.New("issuer: is required"))
	}
	if c.Audience == "" {
		errs = append(errs, errors.New("audience: is required"))
	}
	u, err := url.Parse(c.JWKSURL)
	switch {
	case err != nil || u.Hostname() == "" || (u.Scheme != "https" && u.Scheme != "http"):
		errs = append(errs, errors.New("jwks_url: must be an absolute http or https URL"))
	case u.Scheme == "http" && !loopback(u.Hostname()):
		errs = append(errs, errors.New("jwks_url: plain http is allowed for the same machine only"))
	}
	return errs
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
