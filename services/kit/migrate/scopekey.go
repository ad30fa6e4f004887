package migrate

import (
	"context"
	"fmt"

	"github.com/xunshi/xunshi/services/kit/pg"
)

const blockSize = 64 // of SHA-256, by which HMAC pads its key

// SetScopeKey installs the key by which the database checks the signed scope.
// The app roles cannot read it. PostgreSQL has sha256 built in but no HMAC, so
// the two padded keys are stored.
func (m *Migrator) SetScopeKey(ctx context.Context, key []byte) error {
	if len(key) != pg.ScopeKeySize {
		return fmt.Errorf("the scope key has %d bytes and needs %d", len(key), pg.ScopeKeySize)
	}
	ipad, opad := make([]byte, blockSize), make([]byte, blockSize)
	copy(ipad, key)
	copy(opad, key)
	for i := range blockSize {
		ipad[i] ^= 0x36
		opad[i] ^= 0x5c
	}
	const upsert = `
INSERT INTO authz.key (single, ipad, opad) VALUES (true, $1, $2)
ON CONFLICT (single) DO UPDATE SET ipad = excluded.ipad, opad = excluded.opad`
	if _, err := m.db.ExecContext(ctx, upsert, ipad, opad); err != nil {
		return fmt.Errorf("install scope key: %w", err)
	}
	return nil
}
