package receipttest

import (
	"bytes"
	"testing"

	"github.com/xunshi/xunshi/services/kit/auditlog"
	"github.com/xunshi/xunshi/services/kit/clock"
	"github.com/xunshi/xunshi/services/kit/receipt"
)

// Key is the key of the log of a service in tests.
func Key(t testing.TB, service string) *auditlog.Key {
	t.Helper()
	key, err := auditlog.NewKey(auditlog.Origin(service), bytes.Repeat([]byte{0x42}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// Issuer signs the receipts of a service with Key.
func Issuer(t testing.TB, service string, c clock.Clock) *receipt.Issuer {
	t.Helper()
	issuer, err := receipt.NewIssuer(service, Key(t, service), c)
	if err != nil {
		t.Fatal(err)
	}
	return issuer
}
