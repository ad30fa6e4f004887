package authn_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/golang-jwt/jwt/v5"

	"github.com/xunshi/xunshi/services/kit/authn"
	"github.com/xunshi/xunshi/services/kit/clock/clocktest"
)

const audience = "xunshi"

var now = time.Date(2026, 9, 3, 8, 0, 0, 0, time.UTC)

// issuer is an identity provider that behaves: it publishes its keys and signs.
type issuer struct {
	*httptest.Server
	fetches atomic.Int64

	mu     sync.Mutex
	keys   map[string]crypto.Signer
	broken bool
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	i := &issuer{keys: make(map[string]crypto.Signer)}
	i.Server = httptest.NewServer(http.HandlerFunc(i.publish))
	t.Cleanup(i.Close)
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rs, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	i.keys["ec"], i.keys["ed"], i.keys["rs"] = ec, ed, rs
	return i
}

func (i *issuer) publish(w http.ResponseWriter, _ *http.Request) {
	i.fetches.Add(1)
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.broken {
		http.Error(w, "down", http.StatusServiceUnavailable)
		return
	}
	var set jose.JSONWebKeySet
	for kid, key := range i.keys {
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: key.Public(), KeyID: kid, Use: "sig"})
	}
	_ = json.NewEncoder(w).Encode(set)
}

// change alters what the issuer publishes from now on.
func (i *issuer) change(f func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	f()
}

// claims are those of a county's official, valid for an hour.
func (i *issuer) claims() jwt.MapClaims {
	return jwt.MapClaims{
		"iss": i.URL, "aud": audience, "sub": "u-1", "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
		"xunshi_party": "COUNTY_COMMITTEE", "xunshi_jurisdiction": "provinces/51/counties/510104",
	}
}

func sign(t *testing.T, method jwt.SigningMethod, kid string, key any, c jwt.MapClaims) string {
	t.Helper()
	token := jwt.NewWithClaims(method, c)
	if kid != "" {
		token.Header["kid"] = kid
	}
	s, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// token signs with the issuer's ES256 key.
func (i *issuer) token(t *testing.T, c jwt.MapClaims) string {
	t.Helper()
	return sign(t, jwt.SigningMethodES256, "ec", i.keys["ec"], c)
}

func (i *issuer) verifier(t *testing.T, c *clocktest.Manual) *authn.OIDC {
	t.Helper()
	v, err := authn.NewOIDC(t.Context(), authn.Config{Issuer: i.URL, Audience: audience, JWKSURL: i.URL + "/keys"}, c)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
