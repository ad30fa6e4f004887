package page_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xunshi/xunshi/services/kit/clock"
	"github.com/xunshi/xunshi/services/kit/clock/clocktest"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/page"
	"github.com/xunshi/xunshi/services/kit/principal"
)

var issued = time.Date(2026, 9, 3, 8, 0, 0, 0, time.UTC)

func newPager(t testing.TB, keyByte byte, c clock.Clock) *page.Pager {
	t.Helper()
	p, err := page.New(bytes.Repeat([]byte{keyByte}, 32), c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func as(subject, county string) context.Context {
	return principal.With(context.Background(), principal.Principal{
		Subject: subject, Party: principal.CountyCommittee, Province: "51", County: county,
	})
}

func TestTokenFitsOnlyItsQueryCallerAndDay(t *testing.T) {
	const id = "0198c0de-0000-7000-8000-000000000001"
	c := clocktest.Fixed(issued)
	p := newPager(t, 1, c)
	ctx := as("u1", "510104")
	query := values{parent: "provinces/51", filter: "state = OPEN", size: 10}
	token, err := p.Next(ctx, newRequest(t, "List", query), id, "2026-09-01T00:00:00Z", "县")
	if err != nil {
		t.Fatal(err)
	}
	with := func(change func(*values)) values {
		v := query
		v.token = token
		change(&v)
		return v
	}
	same := with(func(*values) {})
	tests := []struct {
		name    string
		pager   *page.Pager
		ctx     context.Context
		message string
		v       values
		after   time.Duration
		fits    bool
	}{
		{"the next page", p, ctx, "List", same, 0, true},
		{"another page size", p, ctx, "List", with(func(v *values) { v.size = 99 }), 0, true},
		{"just in time", p, ctx, "List", same, 24*time.Hour - time.Second, true},
		{"a day later", p, ctx, "List", same, 24 * time.Hour, false},
		{"another filter", p, ctx, "List", with(func(v *values) { v.filter = "state = CLOSED" }), 0, false},
		{"no filter", p, ctx, "List", with(func(v *values) { v.filter = "" }), 0, false},
		{"another parent", p, ctx, "List", with(func(v *values) { v.parent = "provinces/44" }), 0, false},
		{"another method", p, ctx, "ListOther", same, 0, false},
		{"another person", p, as("u2", "510104"), "List", same, 0, false},
		{"another county", p, as("u1", "510105"), "List", same, 0, false},
		{"nobody", p, context.Background(), "List", same, 0, false},
		{"another key", newPager(t, 2, c), ctx, "List", same, 0, false},
		{"not base64", p, ctx, "List", with(func(v *values) { v.token = "!!!" }), 0, false},
		{"padded", p, ctx, "List", with(func(v *values) { v.token += "=" }), 0, false},
		{"truncated", p, ctx, "List", with(func(v *values) { v.token = token[:8] }), 0, false},
		{"too long", p, ctx, "List", with(func(v *values) { v.token = strings.Repeat("A", 1025) }), 0, false},
		{"empty body", p, ctx, "List", with(func(v *values) { v.token = base64.RawURLEncoding.EncodeToString(make([]byte, 17)) }), 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c.Set(issued.Add(tt.after))
			got, err := tt.pager.Parse(tt.ctx, newRequest(t, tt.message, tt.v))
			if tt.fits {
				want := page.Cursor{Keys: []string{"2026-09-01T00:00:00Z", "县"}, ID: id}
				if diff := cmp.Diff(want, got); err != nil || diff != "" {
					t.Fatalf("error %v, cursor (-want +got):\n%s", err, diff)
				}
				return
			}
			e, ok := fault.As(err)
			if !ok || e.Kind != fault.Invalid || e.Reason != "PAGE_TOKEN_MISMATCH" || !got.First() {
				t.Fatalf("got %+v, %v", got, err)
			}
		})
	}
}

func TestEveryChangedBitOfATokenIsRefused(t *testing.T) {
	p := newPager(t, 1, clocktest.Fixed(issued))
	token, err := p.Next(as("u1", "510104"), newRequest(t, "List", values{}), "id", "key")
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := base64.RawURLEncoding.DecodeString(token)
	for i := range len(raw) * 8 {
		forged := bytes.Clone(raw)
		forged[i/8] ^= 1 << (i % 8)
		v := values{token: base64.RawURLEncoding.EncodeToString(forged)}
		if _, err := p.Parse(as("u1", "510104"), newRequest(t, "List", v)); !fault.Is(err, "PAGE_TOKEN_MISMATCH") {
			t.Fatalf("bit %d flipped: %v", i, err)
		}
	}
}

func TestFirstPageNeedsNoToken(t *testing.T) {
	p := newPager(t, 1, clocktest.Fixed(issued))
	c, err := p.Parse(context.Background(), newRequest(t, "List", values{size: 5}))
	if err != nil || !c.First() {
		t.Errorf("got %+v, %v", c, err)
	}
}

func TestNextRefusesWhatParseWould(t *testing.T) {
	p := newPager(t, 1, clocktest.Fixed(issued))
	req := newRequest(t, "List", values{})
	if token, err := p.Next(context.Background(), req, ""); err == nil {
		t.Errorf("a cursor without id gave %q", token)
	}
	if token, err := p.Next(context.Background(), req, "id", strings.Repeat("x", 1000)); err == nil {
		t.Errorf("an oversized cursor gave a token of %d characters", len(token))
	}
}

func TestNewRefusesAShortKeyAndNoClock(t *testing.T) {
	if _, err := page.New(make([]byte, 31), clock.System()); err == nil {
		t.Error("a key of 31 bytes is accepted")
	}
	if _, err := page.New(make([]byte, 32), nil); err == nil {
		t.Error("no clock is accepted")
	}
}

// FuzzToken: no text that a stranger sends is a token, and none crashes.
func FuzzToken(f *testing.F) {
	p := newPager(f, 1, clocktest.Fixed(issued))
	token, err := newPager(f, 2, clocktest.Fixed(issued)).Next(context.Background(), newRequest(f, "List", values{}), "id", "k")
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{"x", "AQ", "AAAA", token} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if s == "" {
			return
		}
		v := values{token: strings.ToValidUTF8(s, "?")}
		if c, err := p.Parse(context.Background(), newRequest(t, "List", v)); !fault.Is(err, "PAGE_TOKEN_MISMATCH") {
			t.Fatalf("%q gave %+v, %v", s, c, err)
		}
	})
}

// FuzzDecode: the decoder behind the MAC takes any bytes, and what it accepts
// says the same once encoded again.
func FuzzDecode(f *testing.F) {
	f.Add(page.Encode(page.Cursor{Keys: []string{"a", "县"}, ID: "id"}, issued))
	f.Add([]byte{0x0a, 0xff})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		c, expiry, ok := page.Decode(b)
		if !ok {
			return
		}
		again, expiryAgain, ok := page.Decode(page.Encode(c, expiry))
		if !ok || !cmp.Equal(c, again) || !expiry.Equal(expiryAgain) {
			t.Fatalf("%+v (%v) became %+v (%v)", c, expiry, again, expiryAgain)
		}
	})
}
