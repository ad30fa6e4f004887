package shared

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xunshi/xunshi/services/kit/fault"
)

func TestTokenKeepsPositions(t *testing.T) {
	for _, p := range []positions{
		{{token: "a"}, {token: "b"}, {token: "c"}},
		{{token: "a"}, {ended: true}, {}},
		{{ended: true}, {ended: true}, {token: strings.Repeat("县", 300)}},
		{{}, {}, {}},
	} {
		token, err := p.encode()
		if err != nil || token == "" {
			t.Fatalf("%v: %q, %v", p, token, err)
		}
		if got, err := decode(token); err != nil || got != p {
			t.Errorf("%v became %v, %v", p, got, err)
		}
	}
	if token, err := allEnded().encode(); token != "" || err != nil {
		t.Errorf("after the end comes %q, %v", token, err)
	}
	if p, err := decode(""); err != nil || p != (positions{}) {
		t.Errorf("the start is %v, %v", p, err)
	}
	if token, err := (positions{{token: strings.Repeat("a", maxToken)}}).encode(); err == nil {
		t.Errorf("made a token of %d characters, which decode refuses", len(token))
	}
}

// TestMalformedTokens: above all one by which nobody would be asked, and so nobody
// would judge the caller.
func TestMalformedTokens(t *testing.T) {
	for name, raw := range map[string]string{
		"all ended":        "\x01",
		"other version":    "\x02\x0a\x01a",
		"no version":       "\x0a\x01a",
		"fourth service":   "\x01\x22\x01a",
		"twice":            "\x01\x0a\x01a\x0a\x01a",
		"out of order":     "\x01\x12\x01a\x0a\x01a",
		"a number":         "\x01\x08\x01",
		"cut off":          "\x01\x0a\x02a",
		"long tag":         "\x01\x8a\x00\x01a",
		"long length":      "\x01\x0a\x81\x00a",
		"not UTF-8":        "\x01\x0a\x01\xff",
		"something behind": "\x01\x0a\x01a\x00",
	} {
		if p, err := decode(base64.RawURLEncoding.EncodeToString([]byte(raw))); !fault.Is(err, fault.ReasonPageTokenMismatch) || p != (positions{}) {
			t.Errorf("%s: %v, %v", name, p, err)
		}
	}
}

// FuzzToken: any text is a token that says the same again, or is refused; and with
// every token there is somebody to ask.
func FuzzToken(f *testing.F) {
	for _, p := range []positions{{}, {{token: "a"}, {ended: true}, {token: "c"}}} {
		token, err := p.encode()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(token)
	}
	f.Add("AQ")
	f.Add("!")
	f.Fuzz(func(t *testing.T, token string) {
		p, err := decode(token)
		if err != nil {
			if !fault.Is(err, fault.ReasonPageTokenMismatch) {
				t.Fatal(err)
			}
			return
		}
		if len(p.running()) == 0 {
			t.Fatalf("%q asks nobody", token)
		}
		again, err := p.encode()
		if err != nil || token != "" && again != token {
			t.Fatalf("%q became %q: %v", token, again, err)
		}
	})
}

// TestMergeStopsWhereItCannotKnow: a service may answer fewer rows than were asked
// for and yet have more (AIP-158); what another has behind them must wait.
func TestMergeStopsWhereItCannotKnow(t *testing.T) {
	lists := func() []*list[int] {
		return []*list[int]{
			{rows: []int{1, 4}, tokens: []string{"a1", "a4"}, next: "a4"},
			{rows: []int{2, 3, 5, 6}, tokens: []string{"b2", "b3", "b5", "b6"}},
			{rows: []int{9}, tokens: []string{"c9"}},
		}
	}
	for _, tt := range []struct {
		size int
		rows []int
		want positions
	}{
		{2, []int{1, 2}, positions{{token: "a1"}, {token: "b2"}, {token: "was"}}},
		{9, []int{1, 2, 3, 4}, positions{{token: "a4"}, {token: "b3"}, {token: "was"}}},
	} {
		l := lists()
		rows := merge(l, tt.size, func(a, b int) int { return a - b })
		var at positions
		for i := range l {
			at[i] = l[i].position(position{token: "was"})
		}
		if !cmp.Equal(rows, tt.rows) || at != tt.want {
			t.Errorf("%d: %v at %v, want %v at %v", tt.size, rows, at, tt.rows, tt.want)
		}
	}
	empty := []*list[int]{{next: "a"}, {rows: []int{1}, tokens: []string{"b"}}}
	if rows := merge(empty, 9, func(a, b int) int { return a - b }); len(rows) > 0 || empty[0].position(position{}).token != "a" {
		t.Errorf("%v before the first row of a service that has one", rows)
	}
}

// TestAnswerWithoutTokens: a service that is older than this edge fails the call.
func TestAnswerWithoutTokens(t *testing.T) {
	rows, next, err := paged("", 0, func(a, b int) int { return a - b }, func(int, string) (*list[int], error) {
		return &list[int]{rows: []int{1}}, nil
	})
	if err == nil {
		t.Errorf("answered %v, %q", rows, next)
	}
}

// TestBrokenCalendar: the library takes a text that ends early for a calendar.
func TestBrokenCalendar(t *testing.T) {
	for _, text := range []string{
		"", "END:VCALENDAR", "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nEND:VCALENDAR\r\n",
		"BEGIN:VEVENT\r\nEND:VCALENDAR\r\n",
	} {
		if c, err := parse(text); err == nil {
			t.Errorf("%q is %v", text, c)
		}
	}
}
