package stack

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	audience = "xunshi"
	keyID    = "devstack"
)

// issuer is an OpenID provider for development: whoever can reach it gets a
// token for any party. It listens on the loopback interface only.
type issuer struct {
	url    string
	key    *ecdsa.PrivateKey
	server *http.Server
}

// startIssuer serves tokens signed with the key in keyFile, which is made if
// missing: tokens outlive a restart.
func startIssuer(ctx context.Context, address, keyFile string) (*issuer, error) {
	key, err := loadKey(keyFile)
	if err != nil {
		return nil, err
	}
	if host, _, err := net.SplitHostPort(address); err != nil || !net.ParseIP(host).IsLoopback() {
		return nil, fmt.Errorf("token issuer: %s is not a loopback address; it gives a token to whoever asks", address)
	}
	lis, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("token issuer: %w", err)
	}
	i := &issuer{url: "http://" + lis.Addr().String(), key: key}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", i.discovery)
	mux.HandleFunc("GET /jwks", i.keys)
	mux.HandleFunc("POST /token", i.token)
	i.server = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = i.server.Serve(lis) }() // ends with Close
	return i, nil
}

func loadKey(file string) (*ecdsa.PrivateKey, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return makeKey(file)
	}
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%s holds no key", file)
	}
	return x509.ParseECPrivateKey(block.Bytes)
}

func makeKey(file string) (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, err
	}
	return key, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}), 0o600)
}

// Token signs a person in. It is valid for the virtual years that a demo
// passes through.
func (i *issuer) Token(_ context.Context, subject, party, jurisdiction string) (string, error) {
	t := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.MapClaims{
		"iss": i.url, "aud": audience, "sub": subject,
		"xunshi_party": party, "xunshi_jurisdiction": jurisdiction,
		"iat": time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Unix(),
		"exp": time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC).Unix(),
	})
	t.Header["kid"] = keyID
	return t.SignedString(i.key)
}

func (i *issuer) discovery(w http.ResponseWriter, _ *http.Request) {
	respond(w, map[string]any{
		"issuer": i.url, "jwks_uri": i.url + "/jwks", "token_endpoint": i.url + "/token",
		"authorization_endpoint": i.url + "/token", "response_types_supported": []string{"token"},
		"subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"ES256"},
	})
}

func (i *issuer) keys(w http.ResponseWriter, _ *http.Request) {
	point, err := i.key.PublicKey.Bytes() // 0x04, x, y
	if err != nil {
		http.Error(w, "no key", http.StatusInternalServerError)
		return
	}
	half := (len(point) - 1) / 2
	coordinate := base64.RawURLEncoding.EncodeToString
	respond(w, map[string]any{"keys": []map[string]string{{
		"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": keyID,
		"x": coordinate(point[1 : 1+half]), "y": coordinate(point[1+half:]),
	}}})
}

// token answers POST /token with {"subject", "party", "jurisdiction"}.
func (i *issuer) token(w http.ResponseWriter, r *http.Request) {
	var wanted struct{ Subject, Party, Jurisdiction string }
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4096)).Decode(&wanted); err != nil {
		http.Error(w, "want {subject, party, jurisdiction}", http.StatusBadRequest)
		return
	}
	signed, err := i.Token(r.Context(), wanted.Subject, wanted.Party, wanted.Jurisdiction)
	if err != nil {
		http.Error(w, "cannot sign", http.StatusInternalServerError)
		return
	}
	respond(w, map[string]string{"access_token": signed, "token_type": "Bearer"})
}

func respond(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // the client is gone if this fails
}

// Close stops serving.
func (i *issuer) Close() error { return i.server.Close() }
