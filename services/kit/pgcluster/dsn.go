package pgcluster

import "strings"

// DSNs are the connection strings of one service, one for each of its roles.
type DSNs struct {
	Owner   string // owns schema and tables; migrations only
	Inside  string // provincial bodies and the task's group
	Outside string // cities, counties, departments: delivered copies only
	Job     string // outbox deliveries: outbox and job tables only
}

// Role names of a service, as its migrations may use them.
func ownerRole(service string) string   { return service + "_owner" }
func insideRole(service string) string  { return service + "_inside" }
func outsideRole(service string) string { return service + "_outside" }
func jobRole(service string) string     { return service + "_job" }

// AdminDSN logs in as the superuser, to the database postgres.
func (c *Cluster) AdminDSN() string { return c.dsn(superuser, "postgres") }

// DSNs gives the connection strings of a service's roles for a database.
func (c *Cluster) DSNs(service, database string) DSNs {
	return DSNs{
		Owner:   c.dsn(ownerRole(service), database),
		Inside:  c.dsn(insideRole(service), database),
		Outside: c.dsn(outsideRole(service), database),
		Job:     c.dsn(jobRole(service), database),
	}
}

func (c *Cluster) dsn(role, database string) string {
	return "host=" + quote(c.socketDir) + " port=5432 user=" + quote(role) + " dbname=" + quote(database) + " sslmode=disable"
}

// quote writes a value as libpq's keyword strings want it.
func quote(value string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value) + "'"
}
