package pg

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/xunshi/xunshi/services/kit/principal"
)

const (
	scopeSeparator = "|"
	// A transaction is cut by its timeouts long before.
	scopeLifetime = 2 * time.Minute
)

// sign writes the principal as authz.scope() reads it:
// expiry|party|province|city|county|subject|HMAC-SHA256.
func sign(p principal.Principal, now time.Time, key []byte) (string, error) {
	fields := []string{
		strconv.FormatInt(now.Add(scopeLifetime).Unix(), 10),
		string(p.Party), p.Province, p.City, p.County, escapeSubject(p.Subject),
	}
	for i, f := range fields {
		// The subject is the provider's to choose; all else comes from closed lists.
		if strings.ContainsAny(f, "\x00"+scopeSeparator) {
			return "", errors.New("principal has a character that no scope can carry, in field " + strconv.Itoa(i))
		}
	}
	body := strings.Join(fields, scopeSeparator)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(body))
	return body + scopeSeparator + hex.EncodeToString(mac.Sum(nil)), nil
}

// escapeSubject lets a subject have the separator in it, as "auth0|42" does.
// authz.subject() takes it back.
func escapeSubject(subject string) string { return subjectEscapes.Replace(subject) }

var subjectEscapes = strings.NewReplacer("%", "%25", scopeSeparator, "%7C")
