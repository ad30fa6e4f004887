package auditlog

import (
	"bytes"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func anEntry(t *rapid.T) Entry {
	var e Entry
	for _, text := range e.required() {
		*text = rapid.String().Draw(t, "text")
	}
	for _, text := range e.optional() {
		if rapid.Bool().Draw(t, "there") {
			value := rapid.String().Draw(t, "value")
			*text = &value
		}
	}
	return e
}

func TestLeafIsTheWholeEntry(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := anEntry(t)
		got, err := ParseLeaf(e.Leaf())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(e, got); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestTwoEntriesHaveTwoLeaves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anEntry(t), anEntry(t)
		if cmp.Equal(a, b) != bytes.Equal(a.Leaf(), b.Leaf()) {
			t.Fatalf("%+v\n%+v", a, b)
		}
	})
	empty := ""
	a, b := Entry{}, Entry{RequestID: &empty}
	if bytes.Equal(a.Leaf(), b.Leaf()) {
		t.Error("no value and an empty one have the same leaf")
	}
}

// FuzzParseLeaf: what is read is written again as the same bytes, so no two texts
// are the same leaf.
func FuzzParseLeaf(f *testing.F) {
	request := "0198c0de-0000-7000-8000-000000000001"
	f.Add(Entry{ID: "x", RequestID: &request}.Leaf())
	f.Add(Entry{}.Leaf())
	f.Add([]byte(leafForm))
	f.Fuzz(func(t *testing.T, leaf []byte) {
		e, err := ParseLeaf(leaf)
		if err == nil && !bytes.Equal(e.Leaf(), leaf) {
			t.Errorf("%q is read as %+v", leaf, e)
		}
	})
}

func TestForeignBytesAreNoLeaf(t *testing.T) {
	whole := Entry{ID: "x"}.Leaf()
	for what, leaf := range map[string][]byte{
		"nothing": nil, "another form": []byte("xunshi.audit.v2\x00"), "cut": whole[:len(whole)-1],
		"longer": append(slices.Clone(whole), isNull), "a NULL": append([]byte(leafForm), isNull),
		"another mark": append([]byte(leafForm), 2, 0, 0, 0, 0),
	} {
		if _, err := ParseLeaf(leaf); err == nil {
			t.Errorf("%s was read", what)
		}
	}
}

// TestLeafCoversEveryColumn: a column that a migration adds must come into the leaf.
func TestLeafCoversEveryColumn(t *testing.T) {
	w := newWorld(t)
	rows, err := w.admin.Query("SELECT column_name FROM information_schema.columns WHERE table_name = 'audit_entry'")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var there []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		there = append(there, name)
	}
	slices.Sort(there)
	if diff := cmp.Diff(there, slices.Sorted(slices.Values(Columns()))); diff != "" {
		t.Error("columns of the table (-) and of the leaf (+):\n", diff)
	}
	if e := (Entry{}); len(e.targets()) != len(Columns()) {
		t.Errorf("%d columns are read of %d", len(e.targets()), len(Columns()))
	}
}
