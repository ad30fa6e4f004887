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

func (s *Stack) writeState(context.Context) error {
	state := State{Gateway: s.gateway, Issuer: s.issuer.url, Services: map[string]int{}, Conns: map[string]string{}}
	for _, name := range Names() {
		state.Conns[name] = s.ports[name]
		svc := s.services[name]
		svc.mu.Lock()
		if svc.process != nil {
			state.Services[name] = svc.process.Pid
		}
		svc.mu.Unlock()
	}
	text, err := json.MarshalIndent(state, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(stateFile(s.dir), text, 0o644)
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
