package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/xunshi/xunshi/services/kit/pgcluster"
)

// replay runs the captured statements of an action by pgbench, one script a target.
type replay struct {
	pgbench, dsn string
	scripts      []string
	roundTrips   int // statements of a call
}

var (
	scopeValue = regexp.MustCompile(`'\d+\|[^']*\|[0-9a-f]{64}'`)
	setVersion = regexp.MustCompile(`"version"='\d+'`)
	ifVersion  = regexp.MustCompile(`version = '\d+'`)
	value      = regexp.MustCompile(`'(?:[^']|'')*'`)
	uuid       = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	item       = regexp.MustCompile(`(01900005-0000-7000-80)[0-9a-f]{2}-`)
)

// sample is a call of the service as it was captured: its statements, and the case
// that it was about, if any.
type sample struct {
	statements []string
	of         *target
}

// newReplay writes a script for each sample.
func (s *subject) newReplay(ctx context.Context, p plan, action, role string, samples []sample) (*replay, error) {
	bin, err := pgcluster.Installed(ctx)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(s.dir, "pgbench")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	r := &replay{
		pgbench: filepath.Join(bin, "pgbench"), roundTrips: len(samples[0].statements),
		dsn: strings.ReplaceAll(s.Admin, "user='postgres'", "user='"+role+"'"),
	}
	for i, sample := range samples {
		text, err := s.script(ctx, p, sample)
		if err != nil {
			return nil, err
		}
		file := filepath.Join(dir, fmt.Sprintf("%s-%d.sql", action, i))
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			return nil, err
		}
		r.scripts = append(r.scripts, file)
	}
	return r, nil
}

// script makes of one call what can be run again and again: the scope is signed for
// long, the key of the call and new ids are new each time, the case is any of the
// county, the item any of the case, and its version whatever it is by now.
func (s *subject) script(ctx context.Context, p plan, call sample) (string, error) {
	text := strings.Join(call.statements, ";\n") + ";\n"
	scope, err := s.signedScope(ctx, strings.Trim(scopeValue.FindString(text), "'"))
	if err != nil {
		return "", err
	}
	text = scopeValue.ReplaceAllLiteralString(text, "'"+scope+"'")
	text = setVersion.ReplaceAllString(text, `"version"="version"+1`)
	text = ifVersion.ReplaceAllString(text, `version > '0'`)
	if call.of == nil {
		return text, nil
	}
	text = value.ReplaceAllStringFunc(text, func(v string) string { return general(v, call.of.number) })
	return fmt.Sprintf("\\set n random(0, %d)\n\\set case :n * %d + %d\n\\set item random(1, %d)\n\\set key random(1, 9223372036854775807)\n",
		perCounty-1, p.stride()*counties, call.of.number%counties, itemsPerCase) + text, nil
}

// general gives an expression that stands for the value in every run.
func general(v string, number int) string {
	const anyCase, anyItem = "' || lpad(to_hex(:case::int), 12, '0') || '", "' || lpad(to_hex(:item::int), 2, '0') || '"
	id := strings.Trim(v, "'")
	isID := uuid.MatchString(id)
	switch {
	case strings.HasPrefix(id, `\x`):
		return v
	case isID && id[14] == '4': // the key of the call
		return "lpad(to_hex(:key::bigint), 32, '0')::uuid"
	case isID && !strings.HasPrefix(id, "0190000"):
		return "gen_random_uuid()"
	}
	general := strings.ReplaceAll(v, fmt.Sprintf("%012x", number), anyCase)
	general = item.ReplaceAllString(general, "${1}"+anyItem+"-")
	switch {
	case general == v:
		return v
	case isID:
		return "(" + general + ")::uuid"
	default:
		return "(" + general + ")"
	}
}

var (
	transactions = regexp.MustCompile(`transactions actually processed: (\d+)`)
	failed       = regexp.MustCompile(`number of failed transactions: (\d+)`)
	rate         = regexp.MustCompile(`tps = ([0-9.]+) \(without`)
)

// run replays for a while with so many clients.
func (r *replay) run(ctx context.Context, clients int, d time.Duration) (rateAndCount, error) {
	args := []string{"-n", "-M", "prepared", "-c", strconv.Itoa(clients), "-j", strconv.Itoa(min(clients, 2)),
		"-T", strconv.Itoa(max(1, int(d.Seconds()))), "--max-tries=10"}
	for _, script := range r.scripts {
		args = append(args, "-f", script)
	}
	cmd := exec.CommandContext(ctx, r.pgbench, append(args, r.dsn)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return rateAndCount{}, fmt.Errorf("pgbench: %w: %s", err, out[max(0, len(out)-2000):])
	}
	n, t := transactions.FindSubmatch(out), rate.FindSubmatch(out)
	if n == nil || t == nil {
		return rateAndCount{}, fmt.Errorf("pgbench said: %s", out)
	}
	if f := failed.FindSubmatch(out); f != nil && string(f[1]) != "0" {
		return rateAndCount{}, fmt.Errorf("pgbench: %s transactions failed", f[1])
	}
	count, err := strconv.Atoi(string(n[1]))
	if err != nil {
		return rateAndCount{}, err
	}
	perSecond, err := strconv.ParseFloat(string(t[1]), 64)
	return rateAndCount{perSecond: perSecond, count: count}, err
}
