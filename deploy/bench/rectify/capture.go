package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// The service's own log of statements is the source of what pgbench replays: it is
// switched on for the roles of the service, for a few calls.
const (
	logPrefix = "ALTER SYSTEM SET log_line_prefix = '@%p '"
	logOn     = `
ALTER ROLE rectification_inside SET log_statement = 'all';
ALTER ROLE rectification_outside SET log_statement = 'all';
ALTER ROLE rectification_inside SET log_error_verbosity = 'default';
ALTER ROLE rectification_outside SET log_error_verbosity = 'default';
ALTER ROLE rectification_inside SET log_parameter_max_length = -1;
ALTER ROLE rectification_outside SET log_parameter_max_length = -1;`
	logOff = `
ALTER ROLE rectification_inside RESET ALL;
ALTER ROLE rectification_outside RESET ALL;`
	newSessions = `
SELECT pg_reload_conf(), count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
WHERE usename IN ('rectification_inside', 'rectification_outside')`
)

// capture gives the transactions that the calls of subject caused: the statements of
// each, with their values in them.
func (s *subject) capture(ctx context.Context, subject string, calls func() error) (transactions [][]string, err error) {
	dir, err := s.dataDir(ctx)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(filepath.Dir(dir), "postgres.log")
	before, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if _, err := s.admin.Exec(ctx, logPrefix); err != nil {
		return nil, err
	}
	if err := s.sessions(ctx, logOn); err != nil {
		return nil, err
	}
	err = calls()
	if err := errors.Join(err, s.sessions(ctx, logOff)); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return transactionsOf(string(text[before.Size():]), "|"+subject+"|"), nil
}

// sessions changes a setting and ends the sessions that have the old one.
func (s *subject) sessions(ctx context.Context, statements string) error {
	if _, err := s.admin.PgConn().Exec(ctx, statements).ReadAll(); err != nil {
		return err
	}
	_, err := s.admin.Exec(ctx, newSessions)
	return err
}

var (
	logLine   = regexp.MustCompile(`(?m)^@(\d+) (LOG|DETAIL):  (?:statement|execute [^:]*|parameters): `)
	parameter = regexp.MustCompile(`(?s)\$(\d+) = ('(?:[^']|'')*'|NULL)`)
	variable  = regexp.MustCompile(`\$(\d+)`)
)

// transactionsOf reads a server log. A line that begins with a tab goes on with the
// one before; the values of a statement follow it.
func transactionsOf(log, marker string) [][]string {
	log = strings.ReplaceAll(log, "\n\t", "\n")
	open := map[string][]string{}
	var done [][]string
	at := logLine.FindAllStringSubmatchIndex(log, -1)
	for i, m := range at {
		end := len(log)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		text, _, _ := strings.Cut(log[m[1]:end], "\n@") // another kind of line
		text = strings.TrimSuffix(text, "\n")
		pid := log[m[2]:m[3]]
		if log[m[4]:m[5]] == "DETAIL" {
			if n := len(open[pid]); n > 0 {
				open[pid][n-1] = withValues(open[pid][n-1], text)
			}
			continue
		}
		word := strings.ToLower(text)
		if strings.HasPrefix(word, "begin") {
			open[pid] = nil
		}
		open[pid] = append(open[pid], text)
		if word == "commit" {
			if strings.Contains(strings.Join(open[pid], "\n"), marker) {
				done = append(done, open[pid])
			}
			delete(open, pid)
		}
	}
	return done
}

// withValues puts the values of a statement in the places of its variables.
func withValues(statement, values string) string {
	by := map[string]string{}
	for _, m := range parameter.FindAllStringSubmatch(values, -1) {
		by[m[1]] = m[2]
	}
	return variable.ReplaceAllStringFunc(statement, func(v string) string {
		if value, ok := by[v[1:]]; ok {
			return value
		}
		return v
	})
}

// signedScope has the database itself sign the scope of a caller, for a day: what
// authz.scope() checks, pgbench cannot compute.
func (s *subject) signedScope(ctx context.Context, scope string) (string, error) {
	fields := strings.Split(scope, "|")
	if len(fields) != 7 {
		return "", fmt.Errorf("no scope: %s", scope)
	}
	var signed string
	err := s.admin.QueryRow(ctx, `
SELECT body || '|' || encode(sha256(k.opad || sha256(k.ipad || convert_to(body, 'UTF8'))), 'hex')
FROM authz.key k, LATERAL (SELECT extract(epoch FROM now() + interval '1 day')::bigint || '|' || $1::text AS body) AS b`,
		strings.Join(fields[1:6], "|")).Scan(&signed)
	return signed, err
}
