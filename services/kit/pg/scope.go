package pg

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
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
		string(p.Party), p.Province, p.City, p.County, p.Subject,
	}
	for _, f := range fields {
		if strings.Contains(f, scopeSeparator) {
			return "", fmt.Errorf("principal has a %q in it", scopeSeparator)
		}
	}
	body := strings.Join(fields, scopeSeparator)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(body))
	return body + scopeSeparator + hex.EncodeToString(mac.Sum(nil)), nil
}
