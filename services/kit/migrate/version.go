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

const selectVersions = `
SELECT (SELECT coalesce(max(version_id), 0) FROM migrations.kit WHERE is_applied),
       (SELECT coalesce(max(version_id), 0) FROM migrations.service WHERE is_applied)`

// Ready reports whether the database, seen through an inside or job role, has at
// least the required version. A newer database is fine: the code must work
// before and after a migration.
func Ready(ctx context.Context, db *sql.DB, required Version) error {
	var current Version
	if err := db.QueryRowContext(ctx, selectVersions).Scan(&current.Kit, &current.Service); err != nil {
		return fmt.Errorf("database is not migrated, run `migrate up`: %w", err)
	}
	if current.Kit < required.Kit || current.Service < required.Service {
		return fmt.Errorf("database has version %+v and the code needs %+v, run `migrate up`", current, required)
	}
	return nil
}
