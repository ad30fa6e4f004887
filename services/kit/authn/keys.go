package authn

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/time/rate"

	"github.com/xunshi/xunshi/services/kit/clock"
)

const (
	fetchTimeout = 5 * time.Second
	maxKeys      = 1 << 20 // bytes
	fetchBurst   = 5
	fetchEvery   = 10 * time.Second
)

// keyClient gives the HTTP client that fetches the keys of the issuer. A token
// with an unknown key makes the library fetch them anew, so strangers must not be
// able to turn us against the issuer: fetches are limited in number and in size.
func keyClient(c clock.Clock) *http.Client {
	return &http.Client{
		Timeout: fetchTimeout,
		Transport: &limited{
			next:    http.DefaultTransport,
			clock:   c,
			limiter: rate.NewLimiter(rate.Every(fetchEvery), fetchBurst),
		},
	}
}

type limited struct {
	next    http.RoundTripper
	clock   clock.Clock
	limiter *rate.Limiter
}

// errFetch marks that the keys could not be had, as against a bad token.
var errFetch = errors.New("the keys of the issuer could not be fetched")

// RoundTrip fetches, unless that was done too often just now.
func (l *limited) RoundTrip(req *http.Request) (*http.Response, error) {
	if !l.limiter.AllowN(l.clock.Now(), 1) {
		return nil, fmt.Errorf("%w: too often", errFetch)
	}
	resp, err := l.next.RoundTrip(req)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errFetch, err)
	}
	if resp.StatusCode != http.StatusOK {
		_ = resp.Body.Close()
		return nil, fmt.Errorf("%w: status %d", errFetch, resp.StatusCode)
	}
	resp.Body = http.MaxBytesReader(nil, resp.Body, maxKeys)
	return resp, nil
}
