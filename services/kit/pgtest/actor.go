package pgtest

import (
	"context"
	"strings"

	"github.com/xunshi/xunshi/services/kit/principal"
)

// As gives a context in which the person subject acts for a body of the area,
// a resource name such as "provinces/51/counties/510104".
func As(ctx context.Context, party principal.Party, area, subject string) context.Context {
	p := principal.Principal{Subject: subject, Party: party}
	segments := strings.Split(area, "/")
	for i := 0; i+1 < len(segments); i += 2 {
		switch segments[i] {
		case "provinces":
			p.Province = segments[i+1]
		case "cities":
			p.City = segments[i+1]
		case "counties":
			p.County = segments[i+1]
		}
	}
	return principal.With(ctx, p)
}
