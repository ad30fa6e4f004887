package pg

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// maxSkew is how far our clock and the database's may be apart: the expiry of a
// scope is written by one and read by the other.
const maxSkew = 2 * time.Second

const selectSelf = `
SELECT rolname, rolsuper OR rolbypassrls OR rolcreaterole
         OR EXISTS (SELECT FROM pg_auth_members m WHERE m.member = r.oid),
       clock_timestamp()
FROM pg_roles r WHERE rolname = current_user`

// Check reports whether the database can be worked with: both roles reach it,
// neither can get round row-level security, and the clocks agree. It is part of
// readiness.
func (db *DB) Check(ctx context.Context) error {
	return errors.Join(db.checkRole(ctx, db.inside), db.checkRole(ctx, db.outside))
}

func (db *DB) checkRole(ctx context.Context, orm *gorm.DB) error {
	pool, err := orm.DB()
	if err != nil {
		return err
	}
	var role string
	var powerful bool
	var theirs time.Time
	before := db.clock.Now()
	if err := pool.QueryRowContext(ctx, selectSelf).Scan(&role, &powerful, &theirs); err != nil {
		return fmt.Errorf("database does not answer: %w", err)
	}
	if powerful {
		return fmt.Errorf("role %s can get round row-level security; it must be a plain login role", role)
	}
	// The database read its clock between before and after.
	after := db.clock.Now()
	if theirs.Before(before.Add(-maxSkew)) || theirs.After(after.Add(maxSkew)) {
		return fmt.Errorf("our clock says %s and the database's %s", after.UTC(), theirs)
	}
	return nil
}
