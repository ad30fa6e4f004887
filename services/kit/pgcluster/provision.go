package pgcluster

import (
	"context"
	"fmt"
	"regexp"

	"github.com/jackc/pgx/v5"
)

// serviceName keeps role and database names plain.
var serviceName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,30}$`)

// provisionLock is the advisory lock of Provision. Roles belong to the whole
// cluster, so services that are provisioned at once must take turns.
const provisionLock = 7_311_120_001

// Provision makes the roles and the database of a service, named like it, and
// gives their connection strings. It may be repeated, and called for several
// services at once.
func (c *Cluster) Provision(ctx context.Context, service string) (DSNs, error) {
	if err := Provision(ctx, c.AdminDSN(), service); err != nil {
		return DSNs{}, err
	}
	return c.DSNs(service, service), nil
}

// Provision makes the roles and the database of a service in any cluster.
// adminDSN must log in as a superuser. Where the roles exist, their attributes
// are set right and their passwords left alone.
func Provision(ctx context.Context, adminDSN, service string) (err error) {
	if !serviceName.MatchString(service) {
		return fmt.Errorf("provision: %q is no service name", service)
	}
	conn, err := pgx.Connect(ctx, adminDSN)
	if err != nil {
		return fmt.Errorf("provision %s: %w", service, err)
	}
	// Closing the session gives the advisory lock back.
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(provisionLock)); err != nil {
		return fmt.Errorf("provision %s: %w", service, err)
	}
	roles := []string{ownerRole(service), insideRole(service), outsideRole(service), jobRole(service)}
	for _, role := range roles {
		if err := makeRole(ctx, conn, role); err != nil {
			return fmt.Errorf("provision %s: role %s: %w", service, role, err)
		}
	}
	if err := makeDatabase(ctx, conn, service); err != nil {
		return fmt.Errorf("provision %s: %w", service, err)
	}
	return CloseDatabase(ctx, conn, service, service)
}

// makeRole makes a role that is never superuser, passes no row-level security
// and is a member of nobody; the owner inherits only what PostgreSQL gives to the
// owner of a database.
func makeRole(ctx context.Context, conn *pgx.Conn, role string) error {
	var there bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", role).Scan(&there); err != nil {
		return err
	}
	verb := "CREATE"
	if there {
		verb = "ALTER"
	}
	_, err := conn.Exec(ctx, verb+" ROLE "+pgx.Identifier{role}.Sanitize()+
		" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS INHERIT")
	return err
}

func makeDatabase(ctx context.Context, conn *pgx.Conn, service string) error {
	var there bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", service).Scan(&there); err != nil {
		return err
	}
	if there {
		return nil
	}
	_, err := conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{service}.Sanitize()+
		" OWNER "+pgx.Identifier{ownerRole(service)}.Sanitize()+" TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'")
	return err
}

// CloseDatabase shuts a database to everybody but the roles of its service.
// Nobody may make temporary tables: one of those could stand before a table
// that a function means.
func CloseDatabase(ctx context.Context, conn *pgx.Conn, database, service string) error {
	name := pgx.Identifier{database}.Sanitize()
	grantees := ""
	for _, role := range []string{insideRole(service), outsideRole(service), jobRole(service)} {
		if grantees != "" {
			grantees += ", "
		}
		grantees += pgx.Identifier{role}.Sanitize()
	}
	for _, statement := range []string{
		"REVOKE ALL ON DATABASE " + name + " FROM PUBLIC",
		"GRANT CONNECT ON DATABASE " + name + " TO " + grantees,
	} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}
