package stack

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/xunshi/xunshi/services/casefile"
	"github.com/xunshi/xunshi/services/kit/daemon"
	"github.com/xunshi/xunshi/services/rectification"
	"github.com/xunshi/xunshi/services/scheduling"
)

// Names are the services, in the order in which they start.
func Names() []string { return []string{"scheduling", "casefile", "rectification"} }

// program gives the composition root of a service, the same that its own main
// runs.
func program(name string) (daemon.Program, error) {
	switch name {
	case "scheduling":
		return scheduling.Program(), nil
	case "casefile":
		return casefile.Program(), nil
	case "rectification":
		return rectification.Program(), nil
	default:
		return daemon.Program{}, fmt.Errorf("no service %q", name)
	}
}

// migrate does what `<service> migrate up` does.
func (s *Stack) migrate(ctx context.Context, name string) error {
	p, err := program(name)
	if err != nil {
		return err
	}
	cfg, err := daemon.Load(configFile(s.dir, name))
	if err != nil {
		return err
	}
	return daemon.Migrate(ctx, p, cfg.Database)
}

// ensureKey writes 32 random bytes in hexadecimal digits, once.
func ensureKey(file, before string) error {
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return err
	}
	return os.WriteFile(file, []byte(before+hex.EncodeToString(key)), 0o600)
}
