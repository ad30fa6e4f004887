package api

import (
	regulationv1 "github.com/xunshi/xunshi/gen/go/xunshi/regulation/v1"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/wire"
)

func encodeDue(d regulation.Due) *regulationv1.StatutoryDate {
	if d.Date.IsZero() {
		return nil
	}
	return &regulationv1.StatutoryDate{
		Date: wire.Date(d.Date), StartDate: wire.Date(d.Start), Provisional: d.Provisional,
		Article: d.Article, RuleSet: d.RuleSet, CalendarVersion: d.CalendarVersion,
		Clock: string(d.Clock),
	}
}

func encodeAll[D, M any](list []D, encode func(D) M) []M {
	out := make([]M, 0, len(list))
	for _, d := range list {
		out = append(out, encode(d))
	}
	return out
}
