package auditlog

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/xunshi/xunshi/services/kit/audit"
)

// sample is a log of a few entries as the sequencer would leave it, in memory.
type sample struct {
	export  *Export
	outside []Checkpoint
}

func newSample(t testing.TB, key *Key, entries ...Entry) *sample {
	t.Helper()
	s := &sample{export: &Export{}}
	var tree grown
	for i, e := range entries {
		hash := tlog.RecordHash(e.Leaf())
		tree.add(hash)
		s.export.Rows = append(s.export.Rows, Row{Index: int64(i), Hash: fmt.Sprintf("%x", hash[:]), Entry: e})
		c := Checkpoint{Origin: key.Name(), Size: tree.size, Root: tree.root()}
		signed, err := c.Sign(key)
		if err != nil {
			t.Fatal(err)
		}
		s.export.Checkpoints = append(s.export.Checkpoints, signed)
		s.outside = append(s.outside, c)
	}
	return s
}

func (s *sample) clone() *sample {
	return &sample{outside: slices.Clone(s.outside), export: &Export{
		Rows: slices.Clone(s.export.Rows), Checkpoints: slices.Clone(s.export.Checkpoints),
	}}
}

func someEntries(n int) []Entry {
	var all []Entry
	for i := range n {
		request, commitment := fmt.Sprintf("0198c0de-0000-4000-8000-%012d", i), fmt.Sprintf(`\x%064d`, i)
		all = append(all, Entry{
			ID: fmt.Sprintf("0198c0de-0000-7000-8000-%012d", i), Province: "51", OccurTime: "2026-09-03 04:00:00.123456+00",
			Subject: "clerk", Party: "COUNTY_COMMITTEE", Jurisdiction: "provinces/51/counties/510104", Method: "/x/Do",
			Object: fmt.Sprint("provinces/51/x/", i), Outcome: audit.OutcomeOK, Articles: "{17}", Detail: `{"k": "值"}`,
			RequestID: &request, Commitment: &commitment,
		})
	}
	return all
}

// tamperings are what somebody who can write to the database may do to a log of five,
// with what the verifier finds.
var tamperings = []struct {
	what string
	do   func(t testing.TB, s *sample)
	want error
}{
	{"nothing", func(testing.TB, *sample) {}, nil},
	{"a column", func(_ testing.TB, s *sample) { s.export.Rows[2].Entry.Outcome = "NOT_FOUND" }, ErrEntry},
	{"the first gone", func(_ testing.TB, s *sample) { s.export.Rows = s.export.Rows[1:] }, ErrOrder},
	{"one in the middle gone", func(_ testing.TB, s *sample) { s.export.Rows = slices.Delete(s.export.Rows, 2, 3) }, ErrOrder},
	{"an entry gone that has a place", func(_ testing.TB, s *sample) { s.export.Rows[2].Entry = Entry{} }, ErrEntry},
	{"the last gone", func(_ testing.TB, s *sample) { s.export.Rows = s.export.Rows[:4] }, ErrRolledBack},
	{"the last and its checkpoint gone", func(_ testing.TB, s *sample) { cutTo(s, 4) }, ErrRolledBack},
	{"an older backup", func(_ testing.TB, s *sample) { cutTo(s, 2) }, ErrRolledBack},
	{"everything gone", func(_ testing.TB, s *sample) { cutTo(s, 0) }, ErrRolledBack},
	{"two swapped", func(_ testing.TB, s *sample) {
		s.export.Rows[1], s.export.Rows[2] = s.export.Rows[2], s.export.Rows[1]
	}, ErrOrder},
	{"two swapped, with other numbers", func(_ testing.TB, s *sample) {
		r := s.export.Rows
		r[1], r[2] = r[2], r[1]
		r[1].Index, r[2].Index = 1, 2
	}, ErrRewritten},
	{"one doubled", func(_ testing.TB, s *sample) { s.export.Rows = slices.Insert(s.export.Rows, 2, s.export.Rows[1]) }, ErrOrder},
	{"a foreign one behind the last", func(t testing.TB, s *sample) { add(s) }, ErrUnsigned},
	{"rewritten and signed by another", func(t testing.TB, s *sample) {
		s.export = newSample(t, testKey(t, 8), someEntries(5)...).export
	}, ErrSignature},
	{"rewritten and signed by the log itself", func(t testing.TB, s *sample) {
		entries := someEntries(5)
		entries[1].Subject = "nobody"
		s.export = newSample(t, testKey(t, 7), entries...).export
	}, ErrRewritten},
	{"a checkpoint of the database rewritten", func(t testing.TB, s *sample) {
		forged, err := Checkpoint{Origin: s.outside[0].Origin, Size: 2, Root: Empty("").Root}.Sign(testKey(t, 7))
		if err != nil {
			t.Fatal(err)
		}
		s.export.Checkpoints[1] = forged
	}, ErrRoot},
	{"checkpoints of another log", func(t testing.TB, s *sample) {
		for i, c := range s.outside {
			c.Origin = "other.xunshi"
			s.outside[i] = c
		}
	}, ErrOrigin},
	{"no checkpoint outside", func(_ testing.TB, s *sample) { s.outside = nil }, ErrNoOutside},
}

func cutTo(s *sample, n int) {
	s.export.Rows, s.export.Checkpoints = s.export.Rows[:n], s.export.Checkpoints[:n]
}

func add(s *sample) {
	e := someEntries(6)[5]
	hash := tlog.RecordHash(e.Leaf())
	s.export.Rows = append(s.export.Rows, Row{Index: 5, Hash: fmt.Sprintf("%x", hash[:]), Entry: e})
}

func TestTamperingIsFound(t *testing.T) {
	key := testKey(t, 7)
	whole := newSample(t, key, someEntries(5)...)
	for _, tt := range tamperings {
		s := whole.clone()
		tt.do(t, s)
		if _, err := newTestVerifier(t, key).Verify(s.export, s.outside); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.what, err, tt.want)
		}
	}
}

// TestNewestOutsideIsEnough: a verifier that kept nothing but the last checkpoint
// finds the same, if not always by the same name.
func TestNewestOutsideIsEnough(t *testing.T) {
	key := testKey(t, 7)
	whole := newSample(t, key, someEntries(5)...)
	whole.outside = whole.outside[4:]
	for _, tt := range tamperings {
		s := whole.clone()
		tt.do(t, s)
		if _, err := newTestVerifier(t, key).Verify(s.export, s.outside); (err == nil) != (tt.want == nil) {
			t.Errorf("%s: %v", tt.what, err)
		}
	}
}

// TestEveryCheckOfTheVerifierMatters: without it one of the tamperings is answered
// otherwise (security.md §3.3).
func TestEveryCheckOfTheVerifierMatters(t *testing.T) {
	key := testKey(t, 7)
	whole := newSample(t, key, someEntries(5)...)
	for _, check := range []string{"order", "entry", "origin", "rollback", "outside", "signature", "inside", "unsigned"} {
		v := newTestVerifier(t, key)
		v.skip = check
		missed := 0
		for _, tt := range tamperings {
			s := whole.clone()
			tt.do(t, s)
			if _, err := v.Verify(s.export, s.outside); !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
				missed++
			}
		}
		if missed == 0 {
			t.Errorf("no test fails without the check %q", check)
		}
	}
}

// TestEveryFlippedBitOfAnEntryIsFound flips each bit of each column of each row, and
// more than a million in all (G9 of security.md §7).
func TestEveryFlippedBitOfAnEntryIsFound(t *testing.T) {
	const wanted = 1_000_000
	key := testKey(t, 7)
	flips := 0
	for round := 0; flips < wanted; round++ {
		entries := someEntries(3)
		for i := range entries {
			entries[i].Object += fmt.Sprint("/", round)
		}
		s := newSample(t, key, entries...)
		newest := s.outside[2:]
		v := newTestVerifier(t, key)
		if _, err := v.Verify(s.export, newest); err != nil {
			t.Fatal(err)
		}
		for i := range s.export.Rows {
			row := &s.export.Rows[i]
			for c, text := range columnsOf(&row.Entry) {
				flips += eachFlip(text, func(at int) {
					if _, err := v.Verify(s.export, newest); err == nil {
						t.Fatalf("bit %d of column %s of row %d is not seen", at, Columns()[c], i)
					}
				})
			}
		}
	}
	t.Logf("%d flips, each found", flips)
}

// columnsOf are the columns that are there.
func columnsOf(e *Entry) (all []*string) {
	all = e.required()
	for _, text := range e.optional() {
		if *text != nil {
			all = append(all, *text)
		}
	}
	return all
}

// eachFlip flips one bit after the other and puts it back.
func eachFlip(text *string, see func(bit int)) (flips int) {
	was := *text
	for bit := range 8 * len(was) {
		flipped := []byte(was)
		flipped[bit/8] ^= 1 << (bit % 8)
		*text = string(flipped)
		see(bit)
		flips++
	}
	*text = was
	return flips
}

// TestEveryFlippedBitOfAnExportIsFound: whoever carries the export changes nothing in
// it, not even what no entry holds.
func TestEveryFlippedBitOfAnExportIsFound(t *testing.T) {
	key := testKey(t, 7)
	s := newSample(t, key, someEntries(2)...)
	var text bytes.Buffer
	if err := s.export.Write(&text); err != nil {
		t.Fatal(err)
	}
	verify := func(text string) error {
		x, err := ParseExport([]byte(text))
		if err != nil {
			return err
		}
		_, err = newTestVerifier(t, key).Verify(x, s.outside[1:])
		return err
	}
	whole := text.String()
	if err := verify(whole); err != nil {
		t.Fatal(err)
	}
	start := bytes.IndexByte(text.Bytes(), '\n') + 1 // the head says how many entries wait, which no signature covers
	body := whole[start:]
	flips := eachFlip(&body, func(bit int) {
		if verify(whole[:start]+body) == nil {
			t.Fatalf("bit %d is not seen", bit)
		}
	})
	if flips < 8*1000 {
		t.Errorf("only %d flips", flips)
	}
}

// TestTreeIsThatOfTheLibrary: the verifier's own tree against x/mod/sumdb/tlog.
func TestTreeIsThatOfTheLibrary(t *testing.T) {
	hashes := newStored(t.Context(), nil)
	var tree grown
	for n := range int64(300) {
		leaf := fmt.Appendf(nil, "leaf %d", n)
		if _, _, err := hashes.add(n, [][]byte{leaf}); err != nil {
			t.Fatal(err)
		}
		tree.add(tlog.RecordHash(leaf))
		if want, err := tlog.TreeHash(n+1, hashes); err != nil || tree.root() != want {
			t.Fatalf("of %d leaves: %v, want %v, %v", n+1, tree.root(), want, err)
		}
	}
}
