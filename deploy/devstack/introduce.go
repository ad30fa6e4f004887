package main

import (
	"context"
	"fmt"
	"io"

	"github.com/xunshi/xunshi/deploy/devstack/stack"
)

// introduce prints where things are, a token for each party and lines to try.
func introduce(ctx context.Context, s *stack.Stack, out io.Writer) error {
	fmt.Fprintf(out, `
REST edge     %[1]s
Explorer      %[1]s/docs/
OpenAPI       %[1]s/openapi.json
Token issuer  %[2]s/token

`, s.Gateway(), s.IssuerURL())
	for _, who := range []struct{ variable, label, party, area string }{
		{"OFFICE", "巡视办 inspection office", "INSPECTION_OFFICE", stack.Sichuan},
		{"GROUP", "巡视组 group member", "INSPECTION_GROUP", stack.Sichuan},
		{"LG", "领导小组 leading group", "LEADING_GROUP", stack.Sichuan},
		{"CITY", "成都市委 city committee", "CITY_COMMITTEE", stack.Sichuan + "/cities/510100"},
		{"COUNTY", "锦江区委 county committee", "COUNTY_COMMITTEE", stack.Sichuan + "/counties/510104"},
		{"DISCIPLINE", "成都市纪委 discipline organ", "DISCIPLINE_ORGAN", stack.Sichuan + "/cities/510100"},
	} {
		token, err := s.Token(ctx, "dev-"+who.variable, who.party, who.area)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "# %s\n%s=%s\n", who.label, who.variable, token)
	}
	fmt.Fprintf(out, `
curl -s -H "Authorization: Bearer $OFFICE" '%[1]s/v1/%[2]s/counties?pageSize=5'
curl -s -H "Authorization: Bearer $COUNTY" %[1]s/v1/%[2]s/entryNotices
curl -s -H "Authorization: Bearer $COUNTY" -H 'Accept-Language: en' %[1]s/v1/%[2]s/caseFiles

Ready. Ctrl-C stops; the data stays. In another terminal: go run ./deploy/devstack demo
`, s.Gateway(), stack.Sichuan)
	return nil
}
