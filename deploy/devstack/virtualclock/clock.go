package virtualclock

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/xunshi/xunshi/services/kit/clock"
)

// Clock is the machine's clock moved by the duration that stands in a file, so
// that several processes share it. Without the file it is the machine's.
type Clock struct {
	file   string
	system clock.Clock
}

// At gives the clock that the file moves.
func At(file string) *Clock { return &Clock{file: file, system: clock.System()} }

// Now implements clock.Clock.
func (c *Clock) Now() time.Time {
	return c.system.Now().Add(c.offset())
}

// offset panics on a file that it cannot read: a clock that jumped silently
// would make wrong dates.
func (c *Clock) offset() time.Duration {
	text, err := os.ReadFile(c.file)
	if errors.Is(err, fs.ErrNotExist) {
		return 0
	}
	if err == nil {
		var offset time.Duration
		if offset, err = time.ParseDuration(string(text)); err == nil {
			return offset
		}
	}
	panic(fmt.Sprintf("virtual clock %s: %v", c.file, err))
}

// Set moves the clock to now. The file is replaced in one step, so that no
// reader sees a part of it.
func (c *Clock) Set(now time.Time) error {
	next := c.file + ".next"
	if err := os.MkdirAll(filepath.Dir(c.file), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(next, []byte(now.Sub(c.system.Now()).String()), 0o644); err != nil {
		return fmt.Errorf("set virtual clock: %w", err)
	}
	return os.Rename(next, c.file)
}

// Reset gives the time back to the machine.
func (c *Clock) Reset() error {
	if err := os.Remove(c.file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
