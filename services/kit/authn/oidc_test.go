package authn_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/xunshi/xunshi/services/kit/authn"
	"github.com/xunshi/xunshi/services/kit/clock/clocktest"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/principal"
)

var official = principal.Principal{Subject: "u-1", Party: principal.CountyCommittee, Province: "51", County: "510104"}

// refused fails unless err is the one answer to a bad token.
func refused(t *testing.T, p principal.Principal, err error) {
	t.Helper()
	e, ok := fault.As(err)
	if !ok || e.Kind != fault.Unauthenticated || e.Reason != "CREDENTIALS_INVALID" || len(e.Meta) != 0 || len(e.Fields) != 0 {
		t.Fatalf("got %+v, %v", p, err)
	}
	if e.Unwrap() == nil || p != (principal.Principal{}) {
		t.Errorf("no cause for the log, or a principal with the refusal: %+v, %v", p, err)
	}
}

func TestAllowedAlgorithms(t *testing.T) {
	i := newIssuer(t)
	v := i.verifier(t, clocktest.Fixed(now))
	for kid, method := range map[string]jwt.SigningMethod{
		"ec": jwt.SigningMethodES256, "ed": jwt.SigningMethodEdDSA, "rs": jwt.SigningMethodRS256,
	} {
		p, err := v.Verify(t.Context(), sign(t, method, kid, i.keys[kid], i.claims()))
		if err != nil || p != official {
			t.Errorf("%s: %+v, %v", method.Alg(), p, err)
		}
	}
}

func TestBadTokensAreRefusedAlike(t *testing.T) {
	i := newIssuer(t)
	with := func(changes jwt.MapClaims) string {
		c := i.claims()
		maps.Copy(c, changes)
		maps.DeleteFunc(c, func(_ string, v any) bool { return v == nil })
		return i.token(t, c)
	}
	good := i.token(t, i.claims())
	head, rest, _ := strings.Cut(good, ".")
	body, mark, _ := strings.Cut(rest, ".")
	stranger, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(i.keys["rs"].Public())
	if err != nil {
		t.Fatal(err)
	}
	forged := base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"u-1","xunshi_party":"LEADING_GROUP"}`))
	tests := map[string]string{
		"empty":                      "",
		"not a token":                "hunter2",
		"too long":                   good + strings.Repeat("A", 8<<10),
		"alg none":                   sign(t, jwt.SigningMethodNone, "", jwt.UnsafeAllowNoneSignatureType, i.claims()),
		"HMAC with the public key":   sign(t, jwt.SigningMethodHS256, "rs", public, i.claims()),
		"algorithm not on the list":  sign(t, jwt.SigningMethodRS512, "rs", i.keys["rs"], i.claims()),
		"key of a stranger":          sign(t, jwt.SigningMethodES256, "ec", stranger, i.claims()),
		"unknown key id":             sign(t, jwt.SigningMethodES256, "other", stranger, i.claims()),
		"no signature":               head + "." + body + ".",
		"another body":               head + "." + forged + "." + mark,
		"another issuer":             with(jwt.MapClaims{"iss": "https://evil.example"}),
		"no issuer":                  with(jwt.MapClaims{"iss": nil}),
		"another audience":           with(jwt.MapClaims{"aud": "payroll"}),
		"no audience":                with(jwt.MapClaims{"aud": nil}),
		"expired":                    with(jwt.MapClaims{"exp": now.Add(-time.Second).Unix()}),
		"no expiry":                  with(jwt.MapClaims{"exp": nil}),
		"not yet valid":              with(jwt.MapClaims{"nbf": now.Add(time.Hour).Unix()}),
		"no subject":                 with(jwt.MapClaims{"sub": nil}),
		"subject with a separator":   with(jwt.MapClaims{"sub": "u|LEADING_GROUP"}),
		"subject with a newline":     with(jwt.MapClaims{"sub": "u\n1"}),
		"subject too long":           with(jwt.MapClaims{"sub": strings.Repeat("u", 201)}),
		"no party":                   with(jwt.MapClaims{"xunshi_party": nil}),
		"unspecified party":          with(jwt.MapClaims{"xunshi_party": "UNSPECIFIED"}),
		"party of the wrong type":    with(jwt.MapClaims{"xunshi_party": 7}),
		"party with a prefix":        with(jwt.MapClaims{"xunshi_party": "PARTY_COUNTY_COMMITTEE"}),
		"a person who is a service":  with(jwt.MapClaims{"xunshi_party": "SERVICE", "xunshi_jurisdiction": "provinces/51"}),
		"service without area":       with(jwt.MapClaims{"xunshi_party": "SERVICE", "xunshi_jurisdiction": ""}),
		"no jurisdiction":            with(jwt.MapClaims{"xunshi_jurisdiction": nil}),
		"wildcard jurisdiction":      with(jwt.MapClaims{"xunshi_jurisdiction": "provinces/-/counties/510104"}),
		"county of another province": with(jwt.MapClaims{"xunshi_jurisdiction": "provinces/44/counties/510104"}),
	}
	for name, token := range tests {
		t.Run(name, func(t *testing.T) {
			// A verifier of its own, or the limit of fetches would refuse the later ones.
			p, err := i.verifier(t, clocktest.Fixed(now)).Verify(t.Context(), token)
			refused(t, p, err)
		})
	}
}

func TestJurisdictionFitsTheParty_Arts13_18(t *testing.T) {
	const province, city, county = "provinces/51", "provinces/51/cities/510100", "provinces/51/counties/510104"
	fits := map[principal.Party][]string{
		principal.CountyCommittee:        {county},
		principal.CityCommittee:          {city},
		principal.CityLiaisonBody:        {city},
		principal.DisciplineOrgan:        {province, city},
		principal.OrganizationDepartment: {province, city},
		principal.OtherDepartment:        {province, city},
		principal.Service:                nil,
	}
	i := newIssuer(t)
	v := i.verifier(t, clocktest.Fixed(now))
	for _, party := range principal.Parties() {
		want, special := fits[party]
		if !special {
			want = []string{province}
		}
		for _, jurisdiction := range []string{province, city, county} {
			t.Run(string(party)+" of "+jurisdiction, func(t *testing.T) {
				c := i.claims()
				c["xunshi_party"], c["xunshi_jurisdiction"] = string(party), jurisdiction
				p, err := v.Verify(t.Context(), i.token(t, c))
				if !strings.Contains(" "+strings.Join(want, " ")+" ", " "+jurisdiction+" ") {
					refused(t, p, err)
					return
				}
				if err != nil || p.Party != party || p.Jurisdiction() != jurisdiction || p.Subject != "u-1" {
					t.Errorf("got %+v, %v", p, err)
				}
			})
		}
	}
}

func TestCacheEndsWithTheToken(t *testing.T) {
	i := newIssuer(t)
	c := clocktest.Fixed(now)
	v := i.verifier(t, c)
	claims := i.claims()
	claims["exp"] = now.Add(2 * time.Minute).Unix()
	token := i.token(t, claims)
	for _, after := range []time.Duration{0, time.Minute, 2*time.Minute - time.Second} {
		c.Set(now.Add(after))
		if p, err := v.Verify(t.Context(), token); err != nil || p != official {
			t.Fatalf("after %v: %+v, %v", after, p, err)
		}
	}
	c.Set(now.Add(2*time.Minute + time.Second))
	p, err := v.Verify(t.Context(), token)
	refused(t, p, err)
}

// A token verified at minute 9 is not looked at again until minute 14, although
// the keys are fetched anew at minute 10.
func TestAWithdrawnKeyStopsWorking(t *testing.T) {
	i := newIssuer(t)
	c := clocktest.Fixed(now)
	v := i.verifier(t, c)
	token := i.token(t, i.claims())
	for _, minute := range []time.Duration{0, 9} {
		c.Set(now.Add(minute * time.Minute))
		if _, err := v.Verify(t.Context(), token); err != nil {
			t.Fatalf("minute %d: %v", minute, err)
		}
	}
	withdrawn := i.keys["ec"]
	i.change(func() { delete(i.keys, "ec") })
	c.Set(now.Add(11 * time.Minute))
	claims := i.claims()
	claims["sub"] = "u-2"
	old := sign(t, jwt.SigningMethodES256, "ec", withdrawn, claims)
	p, err := v.Verify(t.Context(), old)
	refused(t, p, err)
	if _, err := v.Verify(t.Context(), token); err != nil {
		t.Errorf("the verified token was looked at again: %v", err)
	}
	c.Set(now.Add(14*time.Minute + time.Second))
	p, err = v.Verify(t.Context(), token)
	refused(t, p, err)
}

func TestANewKeyWorksAtOnce(t *testing.T) {
	i := newIssuer(t)
	v := i.verifier(t, clocktest.Fixed(now))
	if _, err := v.Verify(t.Context(), i.token(t, i.claims())); err != nil {
		t.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	i.change(func() { i.keys["new"] = key })
	// The library hands the fetch of the first token to whoever asks while it ends, so
	// the very next token may still be judged by those keys.
	for range 100 {
		if _, err = v.Verify(t.Context(), sign(t, jwt.SigningMethodES256, "new", key, i.claims())); err == nil {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Error(err)
}

func TestOldKeysServeForAnHourWhileTheIssuerIsDown(t *testing.T) {
	i := newIssuer(t)
	c := clocktest.Fixed(now)
	v := i.verifier(t, c)
	claims := i.claims()
	claims["exp"] = now.Add(5 * time.Hour).Unix()
	token := i.token(t, claims)
	if _, err := v.Verify(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	i.change(func() { i.broken = true })
	for _, after := range []time.Duration{11, 30, 59} {
		c.Set(now.Add(after * time.Minute))
		if _, err := v.Verify(t.Context(), token); err != nil {
			t.Fatalf("after %d minutes: %v", after, err)
		}
	}
	c.Set(now.Add(65 * time.Minute))
	unavailable(t, v, token)
	i.change(func() { i.broken = false })
	c.Advance(2 * time.Minute)
	if _, err := v.Verify(t.Context(), token); err != nil {
		t.Errorf("the issuer is back: %v", err)
	}
}

// TestIssuerThatDoesNotAnswerIsNotTheCallersFault: nobody is told to sign in anew
// because the provider is down.
func TestIssuerThatDoesNotAnswerIsNotTheCallersFault(t *testing.T) {
	i := newIssuer(t)
	v := i.verifier(t, clocktest.Fixed(now))
	token := i.token(t, i.claims())
	i.change(func() { i.broken = true })
	unavailable(t, v, token)
	i.Close()
	unavailable(t, v, token)
	p, err := v.Verify(t.Context(), "no token at all") // needs no key to be refused
	refused(t, p, err)
}

func unavailable(t *testing.T, v *authn.OIDC, token string) {
	t.Helper()
	p, err := v.Verify(t.Context(), token)
	if e, ok := fault.As(err); !ok || e.Kind != fault.Unavailable || e.Unwrap() == nil || p != (principal.Principal{}) {
		t.Errorf("got %+v, %v; want Unavailable with its cause", p, err)
	}
}

func TestStrangersCannotMakeUsFloodTheIssuer(t *testing.T) {
	i := newIssuer(t)
	v := i.verifier(t, clocktest.Fixed(now))
	stranger, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Verify(t.Context(), i.token(t, i.claims())); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				_, _ = v.Verify(t.Context(), sign(t, jwt.SigningMethodES256, "x", stranger, i.claims()))
			}
		})
	}
	wg.Wait()
	if n := i.fetches.Load(); n > 5 {
		t.Errorf("the issuer was asked %d times", n)
	}
	claims := i.claims()
	claims["sub"] = "u-2"
	if _, err := v.Verify(t.Context(), i.token(t, claims)); err != nil {
		t.Errorf("a good token suffers from the bad ones: %v", err)
	}
}

func TestNewOIDCRefusesIncompleteSettings(t *testing.T) {
	_, err := authn.NewOIDC(t.Context(), authn.Config{}, clocktest.Fixed(now))
	for _, want := range []string{"issuer", "audience", "jwks_url"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
	for url, ok := range map[string]bool{
		"https://id.example/keys": true, "http://127.0.0.1:9/keys": true,
		"http://[::1]:9/keys": true, "http://localhost/keys": true, "http://id.example/keys": false, "http://10.0.0.1/keys": false,
		"http://localhost.example/keys": false,
		"":                              false, "/keys": false, "file:///etc/passwd": false, "https://": false, ":": false,
	} {
		cfg := authn.Config{Issuer: "x", Audience: "x", JWKSURL: url}
		if errs := cfg.Validate(); (len(errs) == 0) != ok {
			t.Errorf("%q gave %v", url, errs)
		}
	}
	if _, err := authn.NewOIDC(t.Context(), authn.Config{Issuer: "x", Audience: "x", JWKSURL: "https://x/"}, nil); err == nil {
		t.Error("no clock is accepted")
	}
}
