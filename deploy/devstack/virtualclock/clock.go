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
	offset, err := c.offset()
	if err != nil {
		return c.system.Now()
	}
	return c.system.Now().Add(offset)
}

func (c *Clock) offset() (time.Duration, error) {
	text, err := os.ReadFile(c.file)
	if err != nil {
		return 0, err
	}
	return time.ParseDuration(string(text))
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
