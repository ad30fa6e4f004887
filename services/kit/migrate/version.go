package migrate

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// Version is how far each part is.
type Version struct {
	Kit, River, Service int64
}

// covers reports whether code that needs required can work with v. A newer
// database is fine: the code must work before and after a migration.
func (v Version) covers(required Version) bool {
	return v.Kit >= required.Kit && v.River >= required.River && v.Service >= required.Service
}

// Required is the version that the code of a service needs.
func Required(migrations fs.FS) (Version, error) {
	var v Version
	sub, err := fs.Sub(kitSQL, "sql")
	if err != nil {
		return v, err
	}
	if v.Kit, err = newest(sub); err != nil {
		return v, err
	}
	if v.River, err = riverRequired(); err != nil {
		return v, err
	}
	if migrations != nil {
		v.Service, err = newest(migrations)
	}
	return v, err
}

func newest(files fs.FS) (int64, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return 0, err
	}
	var highest int64
	for _, name := range names {
		number, _, _ := strings.Cut(path.Base(name), "_")
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("migration %s has no number: %w", name, err)
		}
		highest = max(highest, n)
	}
	return highest, nil
}

const (
	selectKit     = "SELECT coalesce(max(version_id), 0) FROM migrations.kit WHERE is_applied"
	selectRiver   = "SELECT coalesce(max(version), 0) FROM river.river_migration WHERE line = 'main'"
	selectService = "SELECT coalesce(max(version_id), 0) FROM migrations.service WHERE is_applied"
)

// Ready reports whether the database, seen through the inside role, has at least
// the required version.
func Ready(ctx context.Context, tx *sql.Tx, required Version) error {
	var current Version
	for query, part := range map[string]*int64{selectKit: &current.Kit, selectRiver: &current.River, selectService: &current.Service} {
		if query == selectService && required.Service == 0 {
			continue // a service without migrations has no table for them
		}
		if err := tx.QueryRowContext(ctx, query).Scan(part); err != nil {
			return fmt.Errorf("database is not migrated, run `migrate up`: %w", err)
		}
	}
	if !current.covers(required) {
		return fmt.Errorf("database has version %+v and the code needs %+v, run `migrate up`", current, required)
	}
	return nil
}
