package vault_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/xunshi/xunshi/services/kit/config"
	"github.com/xunshi/xunshi/services/kit/document"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/vault"
)

// place is a folder or a store, as an operator configures it.
type place struct {
	cfg  document.Config
	list func() []string

	down func()
}

func secret(t *testing.T, text string) config.SecretFile {
	t.Helper()
	name := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return config.SecretFile(name)
}

func places(t *testing.T) map[string]place {
	t.Helper()
	folder, bucket := document.DefaultConfig(), document.DefaultConfig()
	folder.KeyFile = secret(t, "k1 "+strings.Repeat("ab", 32))
	bucket.KeyFile = folder.KeyFile
	folder.Directory = t.TempDir()
	s, url := newStore(t)
	bucket.S3 = document.S3{Bucket: "evidence", Endpoint: url, Region: "cn-west-1", CredentialsFile: secret(t, "id secret")}
	return map[string]place{
		"folder": {folder, func() (names []string) {
			_ = filepath.WalkDir(folder.Directory, func(name string, d os.DirEntry, err error) error {
				if err == nil && d.Type().IsRegular() {
					names = append(names, name)
				}
				return err
			})
			return names
		}, func() { _ = os.RemoveAll(folder.Directory) }},
		"store": {bucket, s.keys, func() { s.mu.Lock(); s.down = true; s.mu.Unlock() }},
	}
}

func open(t *testing.T, cfg document.Config) *vault.Vault {
	t.Helper()
	v, err := vault.Open(t.Context(), "rectification", cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.Close() })
	return v
}

func newRef() vault.Ref {
	return vault.Ref{Province: "51", Parent: uuid.NewString(), ID: uuid.NewString()}
}

// fill writes content in pieces.
func fill(content []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		for rest := content; len(rest) > 0; rest = rest[min(len(rest), 256<<10):] {
			if _, err := w.Write(rest[:min(len(rest), 256<<10)]); err != nil {
				return err
			}
		}
		return nil
	}
}

func get(t *testing.T, v *vault.Vault, r vault.Ref) ([]byte, error) {
	t.Helper()
	content, err := v.Get(t.Context(), r)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	return io.ReadAll(content)
}

func TestWhatIsPutIsThere(t *testing.T) {
	for name, p := range places(t) {
		v := open(t, p.cfg)
		for _, size := range []int{1, 1 << 20, 12 << 20} { // the last in parts
			r, content := newRef(), bytes.Repeat([]byte("整改"), size/6+1)
			id, err := v.Put(t.Context(), r, fill(content))
			if id != "k1" || err != nil {
				t.Fatalf("%s: %q, %v", name, id, err)
			}
			if got, err := get(t, v, r); err != nil || !bytes.Equal(got, content) {
				t.Errorf("%s: %d bytes, %v", name, len(got), err)
			}
			moved := r
			moved.Parent = uuid.NewString()
			if _, err := get(t, v, moved); !fault.Is(err, "DOCUMENT_DAMAGED") {
				t.Errorf("%s: under another parent: %v", name, err)
			}
		}
		if n := len(p.list()); n != 3 {
			t.Errorf("%s: %d objects, want 3: %v", name, n, p.list())
		}
	}
}

// TestWhatFailsLeavesNothing, and what is not there is a damage, not a failure of ours.
func TestWhatFailsLeavesNothing(t *testing.T) {
	boom := fault.New(fault.Invalid, "DOCUMENT_HASH_DIFFERS")
	for name, p := range places(t) {
		v := open(t, p.cfg)
		for _, size := range []int{0, 100, 12 << 20} {
			_, err := v.Put(t.Context(), newRef(), func(w io.Writer) error {
				return errors.Join(fill(make([]byte, size))(w), boom)
			})
			if !fault.Is(err, "DOCUMENT_HASH_DIFFERS") {
				t.Errorf("%s: %v", name, err)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		_, err := v.Put(ctx, newRef(), func(w io.Writer) error {
			cancel()
			return errors.Join(fill(make([]byte, 1<<20))(w), ctx.Err())
		})
		if err == nil {
			t.Errorf("%s: a call that ended", name)
		}
		if left := p.list(); len(left) != 0 {
			t.Errorf("%s: left are %v", name, left)
		}
		if _, err := get(t, v, newRef()); !fault.Is(err, "DOCUMENT_DAMAGED") {
			t.Errorf("%s: of nothing: %v", name, err)
		}
		if err := v.Delete(t.Context(), newRef()); err != nil {
			t.Errorf("%s: delete nothing: %v", name, err)
		}
	}
}

func TestSweepLeavesWhatIsKnownAndWhatIsYoung(t *testing.T) {
	for name, p := range places(t) {
		v := open(t, p.cfg)
		kept := newRef()
		for _, r := range []vault.Ref{kept, newRef(), newRef()} {
			if _, err := v.Put(t.Context(), r, fill([]byte("x"))); err != nil {
				t.Fatal(err)
			}
		}
		known := func(_ context.Context, province string, ids []string) (map[string]bool, error) {
			if province != "51" || len(ids) != 3 {
				t.Errorf("%s: asked for %v of %s", name, ids, province)
			}
			return map[string]bool{kept.ID: true}, nil
		}
		if n, err := v.Sweep(t.Context(), time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), known); n != 0 || err != nil {
			t.Errorf("%s: of what is young %d were removed, %v", name, n, err)
		}
		unsure := func(context.Context, string, []string) (map[string]bool, error) { return nil, errors.New("down") }
		later := time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
		if n, err := v.Sweep(t.Context(), later, unsure); n != 0 || err == nil {
			t.Errorf("%s: unasked %d were removed, %v", name, n, err)
		}
		if n, err := v.Sweep(t.Context(), later, known); n != 2 || err != nil {
			t.Errorf("%s: %d were removed, %v", name, n, err)
		}
		if got, err := get(t, v, kept); string(got) != "x" || err != nil {
			t.Errorf("%s: what is known: %q, %v", name, got, err)
		}
	}
}

// TestAStoreThatIsDownIsNoDamage: it may answer later.
func TestAStoreThatIsDownIsNoDamage(t *testing.T) {
	p := places(t)["store"]
	v := open(t, p.cfg)
	r := newRef()
	if _, err := v.Put(t.Context(), r, fill([]byte("x"))); err != nil {
		t.Fatal(err)
	}
	p.down()
	if _, err := get(t, v, r); !fault.Is(err, fault.ReasonDependencyUnavailable) {
		t.Errorf("read: %v", err)
	}
	if _, err := v.Put(t.Context(), newRef(), fill([]byte("x"))); !fault.Is(err, fault.ReasonDependencyUnavailable) {
		t.Errorf("write: %v", err)
	}
}

func TestOpenRefusesWhatCannotKeep(t *testing.T) {
	good := places(t)["folder"].cfg
	for name, change := range map[string]func(*document.Config){
		"no place":     func(c *document.Config) { c.Directory = "" },
		"no key":       func(c *document.Config) { c.KeyFile = "" },
		"no key in it": func(c *document.Config) { c.KeyFile = secret(t, "nothing") },
		"half credentials": func(c *document.Config) {
			c.S3 = document.S3{Bucket: "b", Region: "r", CredentialsFile: secret(t, "id")}
		},
	} {
		cfg := good
		change(&cfg)
		if _, err := vault.Open(t.Context(), "rectification", cfg); err == nil {
			t.Errorf("%s: it is opened", name)
		}
	}
}
