package wire_test

import (
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/type/date"
	"google.golang.org/protobuf/proto"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/kit/workday"
)

func TestDays(t *testing.T) {
	leap := workday.NewDate(2012, time.February, 29)
	if got := wire.Date(leap); !proto.Equal(got, &date.Date{Year: 2012, Month: 2, Day: 29}) {
		t.Errorf("written as %v", got)
	}
	if got, err := wire.Day("f", wire.Date(leap)); err != nil || got != leap {
		t.Errorf("read as %v, %v", got, err)
	}
	if wire.Date(workday.Date{}) != nil || wire.Time(time.Time{}) != nil {
		t.Error("none is written as something")
	}
	if got, err := wire.OptionalDay("f", nil); err != nil || !got.IsZero() {
		t.Errorf("none is read as %v, %v", got, err)
	}
	for _, bad := range []*date.Date{nil, {Year: 2012}, {Year: 2012, Month: 2}, {Year: 2013, Month: 2, Day: 29}, {Year: 10000, Month: 1, Day: 1}} {
		if _, err := wire.Day("f", bad); !fault.Is(err, fault.ReasonFieldInvalid) {
			t.Errorf("%v: %v", bad, err)
		}
	}
	if _, err := wire.OptionalDay("f", &date.Date{Year: 2012, Month: 13, Day: 1}); !fault.Is(err, fault.ReasonFieldInvalid) {
		t.Errorf("a thirteenth month: %v", err)
	}
}
