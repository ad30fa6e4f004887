package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/xunshi/xunshi/services/kit/migrate"
)

// Migrate brings the database of the program to the version of this code and
// installs the key of the signed scope.
func Migrate(ctx context.Context, p Program, cfg Database) error {
	if faults := cfg.missing("owner", "scope_key_file"); len(faults) > 0 {
		return errors.Join(faults...)
	}
	key, err := cfg.scopeKey()
	if err != nil {
		return fmt.Errorf("scope key: %w", err)
	}
	return withMigrator(ctx, p, cfg, func(m *migrate.Migrator) error {
		if err := m.Up(ctx); err != nil {
			return err
		}
		return m.SetScopeKey(ctx, key)
	})
}

// migrateDown takes back the newest migration of the service.
func migrateDown(ctx context.Context, p Program, cfg Database) error {
	return withMigrator(ctx, p, cfg, func(m *migrate.Migrator) error { return m.DownOne(ctx) })
}

// migrateStatus lists the migrations.
func migrateStatus(ctx context.Context, p Program, cfg Database, out io.Writer) error {
	return withMigrator(ctx, p, cfg, func(m *migrate.Migrator) error {
		steps, err := m.Status(ctx)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "PART\tMIGRATION\tAPPLIED")
		for _, s := range steps {
			fmt.Fprintf(table, "%s\t%s\t%s\n", s.Part, s.Name, appliedAt(s))
		}
		return table.Flush()
	})
}

func appliedAt(s migrate.Step) string {
	switch {
	case !s.Applied:
		return "no"
	case s.At.IsZero():
		return "yes"
	default:
		return s.At.UTC().Format(time.RFC3339)
	}
}

func withMigrator(ctx context.Context, p Program, cfg Database, f func(*migrate.Migrator) error) (err error) {
	if faults := cfg.missing("owner"); len(faults) > 0 {
		return errors.Join(faults...)
	}
	dsn, err := cfg.Owner.read()
	if err != nil {
		return fmt.Errorf("database.owner: %w", err)
	}
	m, err := migrate.New(ctx, dsn, p.Name, p.Migrations)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	return f(m)
}
