package clocktest_test

import (
	"testing"
	"time"

	"github.com/xunshi/xunshi/services/kit/clock/clocktest"
)

func TestManual(t *testing.T) {
	start := time.Date(2012, 9, 3, 8, 0, 0, 0, time.UTC)
	c := clocktest.Fixed(start)
	if got := c.Now(); !got.Equal(start) {
		t.Fatalf("Now() = %v, want %v", got, start)
	}
	want := start.Add(36 * time.Hour)
	if got := c.Advance(36 * time.Hour); !got.Equal(want) || !c.Now().Equal(want) {
		t.Fatalf("Advance gave %v and Now %v, want %v", got, c.Now(), want)
	}
	c.Set(start)
	if got := c.Now(); !got.Equal(start) {
		t.Fatalf("after Set Now() = %v, want %v", got, start)
	}
}
