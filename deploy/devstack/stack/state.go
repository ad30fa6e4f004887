package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// State is what another program needs to know of a running stack.
type State struct {
	Gateway  string            `json:"gateway"`
	Issuer   string            `json:"issuer"`
	Services map[string]int    `json:"services,omitempty"` // process ids, where each has its own
	Conns    map[string]string `json:"conns"`              // gRPC addresses
}

func stateFile(dir string) string { return filepath.Join(dir, "devstack.json") }

// writeState tells where the stack runs, once it does.
func (s *Stack) writeState(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.Gateway, s.state.Issuer, s.state.Conns = s.gateway, s.issuer.url, map[string]string{}
	for _, name := range Names() {
		s.state.Conns[name] = s.ports[name]
	}
	return s.saveState()
}

// noteProcess keeps the process ids true when a service is started again.
func (s *Stack) noteProcess(name string, pid int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.Services[name] = pid
	if s.state.Gateway == "" {
		return // not all runs yet
	}
	if err := s.saveState(); err != nil {
		fmt.Fprintln(os.Stderr, "devstack.json is out of date:", err)
	}
}

func (s *Stack) saveState() error {
	text, err := json.MarshalIndent(s.state, "", "  ")
	if err != nil {
		return err
	}
	next := stateFile(s.dir) + ".next"
	if err := os.WriteFile(next, text, 0o644); err != nil {
		return err
	}
	return os.Rename(next, stateFile(s.dir))
}

func removeState(dir string) error {
	if err := os.Remove(stateFile(dir)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Find gives the state of the stack that runs in dir, or ok false if none does.
func Find(ctx context.Context, dir string) (state State, ok bool, err error) {
	text, err := os.ReadFile(stateFile(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return State{}, false, nil
	}
	if err != nil {
		return State{}, false, err
	}
	if err := json.Unmarshal(text, &state); err != nil {
		return State{}, false, fmt.Errorf("%s: %w", stateFile(dir), err)
	}
	return state, ready(ctx, state.Gateway+"/openapi.json"), nil
}
