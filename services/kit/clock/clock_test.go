package clock_test

import (
	"testing"

	"github.com/xunshi/xunshi/services/kit/clock"
)

func TestSystemDoesNotGoBack(t *testing.T) {
	c := clock.System()
	first := c.Now()
	if first.IsZero() {
		t.Fatal("the system clock tells the zero time")
	}
	if second := c.Now(); second.Before(first) {
		t.Fatalf("second reading %v is before the first %v", second, first)
	}
}
