package virtualclock_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/xunshi/xunshi/deploy/devstack/virtualclock"
	"github.com/xunshi/xunshi/services/kit/clock"
)

func TestTwoReadersShareTheTime(t *testing.T) {
	file := filepath.Join(t.TempDir(), "clock")
	one, other := virtualclock.At(file), virtualclock.At(file)
	day := time.Date(2012, 10, 15, 9, 0, 0, 0, time.UTC)
	if err := one.Set(day); err != nil {
		t.Fatal(err)
	}
	if off := other.Now().Sub(day); off < 0 || off > time.Minute {
		t.Errorf("the other reader is off by %v", off)
	}
	if err := one.Reset(); err != nil {
		t.Fatal(err)
	}
	if off := other.Now().Sub(clock.System().Now()).Abs(); off > time.Minute {
		t.Errorf("after the reset the clock is off by %v", off)
	}
}
