package requestid

import (
	"testing"

	"github.com/google/uuid"
)

func TestAdoptKeepsOnlyAPlainUUID(t *testing.T) {
	const sent = "0198C0DE-0000-7000-8000-000000000001"
	got, err := Adopt(sent)
	if err != nil || got != "0198c0de-0000-7000-8000-000000000001" {
		t.Errorf("Adopt(%q) = %q, %v", sent, got, err)
	}
	for _, bad := range []string{
		"", "x", "0198c0de\r\nlevel=ERROR 0000-7000-800000000",
		"{0198c0de-0000-7000-8000-000000000001}", "urn:uuid:0198c0de-0000-7000-8000-000000000001",
	} {
		got, err := Adopt(bad)
		id, parseErr := uuid.Parse(got)
		if err != nil || parseErr != nil || id.Version() != 7 || got == bad {
			t.Errorf("Adopt(%q) = %q, %v; want a fresh UUIDv7", bad, got, err)
		}
	}
}

func TestContext(t *testing.T) {
	if got := From(t.Context()); got != "" {
		t.Errorf("From(empty) = %q", got)
	}
	if got := From(With(t.Context(), "a")); got != "a" {
		t.Errorf("From = %q", got)
	}
}
