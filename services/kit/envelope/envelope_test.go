package envelope_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/xunshi/xunshi/services/kit/envelope"
)

func keyring(t *testing.T, text string) *envelope.Keyring {
	t.Helper()
	k, err := envelope.ParseKeyring([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

var key = strings.Repeat("ab", 32)

// seal gives content sealed for an object.
func seal(t *testing.T, keys envelope.Keys, content []byte, bound ...string) []byte {
	t.Helper()
	var sealed bytes.Buffer
	w, _, err := envelope.Seal(t.Context(), keys, &sealed, bound...)
	if err == nil {
		_, err = w.Write(content)
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return sealed.Bytes()
}

func open(keys envelope.Keys, r io.Reader, bound ...string) ([]byte, error) {
	plain, err := envelope.Open(context.Background(), keys, r, bound...)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(plain)
}

func TestSealedOpensAsItWas(t *testing.T) {
	keys := keyring(t, "k1 "+key)
	for _, size := range []int{0, 1, 65_000, 65_536, 65_537, 400_000} {
		content := bytes.Repeat([]byte("x"), size)
		sealed := seal(t, keys, content, "a", "b")
		if got, err := open(keys, bytes.NewReader(sealed), "a", "b"); err != nil || !bytes.Equal(got, content) {
			t.Errorf("%d bytes: %d, %v", size, len(got), err)
		}
		if size > 10 && bytes.Contains(sealed, content[:10]) {
			t.Errorf("%d bytes: the content lies open", size)
		}
	}
	if a, b := seal(t, keys, []byte("x"), "a"), seal(t, keys, []byte("x"), "a"); bytes.Equal(a, b) {
		t.Error("the same content is sealed alike")
	}
}

// TestEveryByteCounts: no byte of what is sealed can be changed, left out or added.
func TestEveryByteCounts(t *testing.T) {
	keys := keyring(t, "k1 "+key)
	content := bytes.Repeat([]byte("整改"), 30_000)
	sealed := seal(t, keys, content, "a")
	damaged := func(what string, at int, bad []byte) {
		t.Helper()
		got, err := open(keys, bytes.NewReader(bad), "a")
		if err == nil || !bytes.HasPrefix(content, got) {
			t.Errorf("%s at %d: %d bytes, %v", what, at, len(got), err)
		}
		if !errors.Is(err, envelope.ErrDamaged) && (at%(1<<20) < 2 || at%(1<<20) > 4) { // the id of the key and its length
			t.Errorf("%s at %d: %v", what, at, err)
		}
	}
	places := []int{len(sealed) - 1, 65_536, 70_000, 131_300, 131_301}
	for at := range 300 { // the whole header and more
		places = append(places, at)
	}
	for _, at := range places {
		for bit := range 8 {
			bad := slices.Clone(sealed)
			bad[at] ^= 1 << bit
			damaged("flip", at, bad)
		}
		damaged("cut", 1<<20+at, sealed[:at])
		damaged("added", 1<<20+at, slices.Insert(slices.Clone(sealed), at, 7))
	}
	damaged("added", 1<<20, append(slices.Clone(sealed), 7))
	damaged("twice", 1<<20, append(slices.Clone(sealed), sealed...))
}

// TestBoundToItsObject: sealed content opens under no other name, also not one that only
// cuts the same letters otherwise.
func TestBoundToItsObject(t *testing.T) {
	keys := keyring(t, "k1 "+key)
	sealed := seal(t, keys, []byte("x"), "51", "case", "document")
	for _, bound := range [][]string{
		{"51", "case", "other"}, {"51", "other", "document"}, {"33", "case", "document"}, {"51case", "", "document"},
		{"51", "case", "document", ""}, {"51", "casedocument"}, nil,
	} {
		if _, err := open(keys, bytes.NewReader(sealed), bound...); !errors.Is(err, envelope.ErrDamaged) {
			t.Errorf("%q: %v", bound, err)
		}
	}
}

func TestKeysChangeAndEnd(t *testing.T) {
	other := strings.Repeat("cd", 32)
	sealed := seal(t, keyring(t, "k1 "+key), []byte("x"), "a")
	if got, err := open(keyring(t, "k2 "+other+"\nk1 "+key+"\n"), bytes.NewReader(sealed), "a"); err != nil || string(got) != "x" {
		t.Errorf("after a change: %q, %v", got, err)
	}
	if _, err := open(keyring(t, "k2 "+other+"\nk1 destroyed"), bytes.NewReader(sealed), "a"); !errors.Is(err, envelope.ErrKeyDestroyed) {
		t.Errorf("destroyed: %v", err)
	}
	if _, err := open(keyring(t, "k1 "+other), bytes.NewReader(sealed), "a"); !errors.Is(err, envelope.ErrDamaged) {
		t.Errorf("another key of the same name: %v", err)
	}
	_, err := open(keyring(t, "k2 "+other), bytes.NewReader(sealed), "a")
	if err == nil || errors.Is(err, envelope.ErrDamaged) || errors.Is(err, envelope.ErrKeyDestroyed) {
		t.Errorf("a key that is not there may come back: %v", err)
	}
}

// TestAFailingSourceIsNoDamage: what could not be read may be read later.
func TestAFailingSourceIsNoDamage(t *testing.T) {
	keys := keyring(t, "k1 "+key)
	sealed := seal(t, keys, bytes.Repeat([]byte("x"), 200_000), "a")
	boom := errors.New("boom")
	for _, n := range []int{0, 1, 50, 100, 70_000, len(sealed)} {
		_, err := open(keys, io.MultiReader(bytes.NewReader(sealed[:n]), iotest.ErrReader(boom)), "a")
		if !errors.Is(err, boom) || errors.Is(err, envelope.ErrDamaged) {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
}

func TestKeyringIsReadStrictly(t *testing.T) {
	for _, text := range []string{
		"", "k1", key, "k1 " + key[2:], "k1 " + strings.Repeat("xy", 32), "k1 " + key + "\nk1 " + key, "k1 destroyed",
		"K1 " + key, "k1 " + key + " more", "k1 " + key + "\n\nk2 " + key, strings.Repeat("k", 65) + " " + key,
	} {
		_, err := envelope.ParseKeyring([]byte(text))
		if err == nil {
			t.Errorf("%q is taken", text)
		} else if strings.Contains(err.Error(), key[:8]) {
			t.Errorf("the key is told: %v", err)
		}
	}
}
