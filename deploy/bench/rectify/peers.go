package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	googleuuid "github.com/google/uuid"

	"github.com/xunshi/xunshi/deploy/bench/peers"
)

const peerToken = "bench-peer-token"

// peer is a program from npm that serves the same data.
type peer struct {
	name string
	cmd  *exec.Cmd
	*overREST
}

// prepareSchema copies the tables for the peers, once.
func (s *subject) prepareSchema(ctx context.Context) error {
	var there bool
	if err := s.admin.QueryRow(ctx, "SELECT to_regnamespace('peers') IS NOT NULL").Scan(&there); err != nil || there {
		return err
	}
	text, err := fs.ReadFile(peers.Files, "schema.sql")
	if err != nil {
		return err
	}
	if _, err := s.admin.PgConn().Exec(ctx, string(text)).ReadAll(); err != nil {
		return fmt.Errorf("schema of the peers: %w", err)
	}
	_, err = s.admin.Exec(ctx, "VACUUM ANALYZE")
	return err
}

// install brings a package into its folder below dir, where npm keeps what it needs.
func install(ctx context.Context, dir, name string) (string, error) {
	folder, err := filepath.Abs(filepath.Join(dir, name))
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	files, err := fs.ReadDir(peers.Files, name)
	if err != nil {
		return "", err
	}
	for _, f := range files {
		text, err := fs.ReadFile(peers.Files, name+"/"+f.Name())
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(folder, f.Name()), text, 0o644); err != nil {
			return "", err
		}
	}
	if _, err := os.Stat(filepath.Join(folder, "node_modules", ".package-lock.json")); err == nil {
		return folder, nil // npm writes it last
	}
	fmt.Fprintln(os.Stderr, "npm installs", name, "into", folder)
	cmd := exec.CommandContext(ctx, "npm", "install", "--no-audit", "--no-fund", "--loglevel=error")
	cmd.Dir = folder
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm install: %w: %s", err, out[max(0, len(out)-500):])
	}
	return folder, nil
}

// launch starts a program of node and waits until its port answers. It ends with this
// process, or with stop.
func (b *bench) launch(ctx context.Context, name, folder, port string, env []string, args ...string) (*peer, error) {
	p := &peer{name: name, cmd: exec.CommandContext(ctx, "node", args...)}
	p.cmd.Dir, p.cmd.Env = folder, append(p.cmd.Environ(), env...)
	p.cmd.Stdout, p.cmd.Stderr = os.Stderr, os.Stderr
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	b.peers = append(b.peers, p)
	p.overREST = newOverREST(b.callers, "http://127.0.0.1:"+port)
	p.base = strings.TrimSuffix(p.base, "v1/")
	for range 600 {
		conn, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err == nil {
			return p, conn.Close()
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	return nil, fmt.Errorf("%s does not answer", name)
}

func (b *bench) stopPeers() {
	for _, p := range b.peers {
		_ = p.cmd.Process.Signal(syscall.SIGTERM) // gone is what we want
		_ = p.cmd.Wait()
	}
}

func freePort() (string, error) {
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer lis.Close()
	return strconv.Itoa(lis.Addr().(*net.TCPAddr).Port), nil
}

// enterPeers adds the peers to each action. One that cannot be had is left out, and
// why is told with the results.
func (b *bench) enterPeers(ctx context.Context) (absent []string, err error) {
	if err := b.subject.prepareSchema(ctx); err != nil {
		return nil, err
	}
	for _, start := range []struct {
		name string
		do   func(ctx context.Context) (*peer, map[string]func(clients int) call, error)
	}{{"Fastify", b.startFastify}, {"Directus", b.startDirectus}} {
		p, calls, err := start.do(ctx)
		if err != nil {
			absent = append(absent, fmt.Sprintf("%s is left out: %v", start.name, err))
			continue
		}
		for action, do := range calls {
			b.contenders[action] = append(b.contenders[action], contender{
				name: start.name, peer: true, prepare: b.reloadPeers, processes: map[string]int{"service": p.cmd.Process.Pid},
				run: func(ctx context.Context, clients int, d time.Duration) (rateAndCount, error) {
					return drive(ctx, do(clients), clients, d)
				},
			})
		}
	}
	return absent, ctx.Err()
}

// reloadPeers reads the versions of the items of the peers.
func (b *bench) reloadPeers(ctx context.Context) (err error) {
	b.callers.written, err = b.subject.versions(ctx, "peers.item")
	return err
}

func (b *bench) startFastify(ctx context.Context) (*peer, map[string]func(clients int) call, error) {
	folder, err := install(ctx, b.PeersDir, "fastify")
	if err != nil {
		return nil, nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, nil, err
	}
	p, err := b.launch(ctx, "Fastify", folder, port, []string{"NODE_ENV=production"}, "server.js", b.subject.admin.Config().Host, port, peerToken)
	if err != nil {
		return nil, nil, err
	}
	get := func(ctx context.Context, path string) error {
		return p.do(ctx, http.MethodGet, path, peerToken, nil, nil)
	}
	calls := map[string]func(clients int) call{
		"W": b.callers.writer(func(ctx context.Context, _ target, item string, percent int) error {
			body, err := json.Marshal(map[string]any{
				"state": "IN_PROGRESS", "percent": percent, "progress": progress,
				"version": strconv.FormatInt(*p.written[item], 10), "requestId": googleuuid.NewString(),
			})
			if err != nil {
				return err
			}
			*p.written[item]++
			return p.do(ctx, http.MethodPost, "items/"+item+"/progress", peerToken, body, nil)
		}),
		"R1": b.callers.reader(func(ctx context.Context, t target) error { return get(ctx, "rectifications/"+t.id) }),
		"R2": b.callers.lister(func(ctx context.Context, l list) error {
			return get(ctx, "rectifications?"+url.Values{"city": {l.city}, "state": {"RECTIFYING"}, "after": {l.after}, "limit": {"50"}}.Encode())
		}),
	}
	return p, calls, b.try(ctx, calls)
}

// try does each call once, so that a peer that answers otherwise than it should is
// left out at once.
func (b *bench) try(ctx context.Context, calls map[string]func(clients int) call) error {
	faults := []error{b.reloadPeers(ctx)}
	for action, do := range calls {
		if err := do(1)(ctx, 0, 0); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", action, err))
		}
	}
	return errors.Join(faults...)
}
