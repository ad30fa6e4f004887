package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	googleuuid "github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/xunshi/xunshi/deploy/devstack/stack"
	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
)

const (
	province = stack.Sichuan
	pageSize = 50
	page     = 50 // the one that R2 asks for
	asCounty = "bench-county"
	asOffice = "bench-office"
)

// callers are what both ways in need: who asks, and for what.
type callers struct {
	targets []target
	tokens  map[string]string // of each county, and of the office under ""
	lists   []list
	// written is how often each item was changed, which its etag says. Every client has
	// items of its own.
	written map[string]*int64
}

// list is the fiftieth page of the cases of a city that are being rectified.
type list struct {
	filter, token string
	city, after   string // the same for the peers: what comes behind this id
}

func newCallers(ctx context.Context, s *subject, p plan) (*callers, error) {
	c := &callers{targets: p.targets(), tokens: map[string]string{}}
	sign := stack.RemoteIssuer(s.Stack.Issuer)
	var err error
	if c.tokens[""], err = sign(ctx, asOffice, "INSPECTION_OFFICE", province); err != nil {
		return nil, err
	}
	for _, t := range c.targets {
		if c.tokens[t.county] != "" {
			continue
		}
		if c.tokens[t.county], err = sign(ctx, asCounty, "COUNTY_COMMITTEE", province+"/counties/"+t.county); err != nil {
			return nil, err
		}
	}
	for _, city := range []string{"510100", "510700", "511500", "512100"} {
		filter := fmt.Sprintf(`city = "%s/cities/%s" AND state = STATE_RECTIFYING`, province, city)
		c.lists = append(c.lists, list{filter: filter, city: city})
	}
	return c, nil
}

// of gives a client its target and item in a turn: no two clients write the same item.
func (c *callers) of(client, turn, clients int) (target, string) {
	own := len(c.targets) * itemsPerCase / clients
	n := client*own + turn%own
	t := c.targets[n%len(c.targets)]
	return t, t.item(1 + n/len(c.targets))
}

// writer, reader and lister make calls of what one way in can do.
func (c *callers) writer(write func(ctx context.Context, t target, item string, percent int) error) func(clients int) call {
	return func(clients int) call {
		return func(ctx context.Context, client, turn int) error {
			t, item := c.of(client, turn, clients)
			return write(ctx, t, item, 10+turn%90)
		}
	}
}

func (c *callers) reader(read func(ctx context.Context, t target) error) func(clients int) call {
	return func(int) call {
		return func(ctx context.Context, client, turn int) error {
			return read(ctx, c.targets[(client*7+turn)%len(c.targets)])
		}
	}
}

func (c *callers) lister(read func(ctx context.Context, l list) error) func(clients int) call {
	return func(int) call {
		return func(ctx context.Context, client, turn int) error {
			return read(ctx, c.lists[(client+turn)%len(c.lists)])
		}
	}
}

func (c *callers) etag(item string) string {
	return strconv.Quote(strconv.FormatInt(*c.written[item], 10))
}

const progress = "已修订议事规则，完成第三轮自查，问题清单逐条销号。"

// overGRPC calls the service as the edge does.
type overGRPC struct {
	*callers
	cases rectificationv1.RectificationServiceClient
	items rectificationv1.RectificationItemServiceClient
}

func newOverGRPC(c *callers, conn grpc.ClientConnInterface) *overGRPC {
	return &overGRPC{c, rectificationv1.NewRectificationServiceClient(conn), rectificationv1.NewRectificationItemServiceClient(conn)}
}

func (g *overGRPC) as(ctx context.Context, county string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+g.tokens[county])
}

func (g *overGRPC) write(ctx context.Context, t target, item string, percent int) error {
	answer, err := g.items.ReportItemProgress(g.as(ctx, t.county), &rectificationv1.ReportItemProgressRequest{
		Name: t.name() + "/items/" + item, State: rectificationv1.RectificationItem_STATE_IN_PROGRESS,
		Percent: int32(percent), Progress: progress, Etag: g.etag(item),
		RequestId: googleuuid.NewString(),
	})
	if err == nil && answer.GetPercent() != int32(percent) {
		err = fmt.Errorf("%d percent instead of %d", answer.GetPercent(), percent)
	}
	*g.written[item]++
	return err
}

func (g *overGRPC) readCase(ctx context.Context, t target) error {
	ctx = g.as(ctx, t.county)
	found, err := g.cases.GetRectification(ctx, &rectificationv1.GetRectificationRequest{Name: t.name()})
	if err != nil || found.GetName() != t.name() {
		return fmt.Errorf("%s instead of %s: %w", found.GetName(), t.name(), err)
	}
	items, err := g.items.ListRectificationItems(ctx, &rectificationv1.ListRectificationItemsRequest{Parent: t.name()})
	if err == nil && len(items.GetRectificationItems()) != itemsPerCase {
		err = fmt.Errorf("%d items", len(items.GetRectificationItems()))
	}
	return err
}

func (g *overGRPC) readList(ctx context.Context, l list) (*rectificationv1.ListRectificationsResponse, error) {
	answer, err := g.cases.ListRectifications(g.as(ctx, ""), &rectificationv1.ListRectificationsRequest{
		Parent: province, Filter: l.filter, PageSize: pageSize, PageToken: l.token,
	})
	if err == nil && len(answer.GetRectifications()) != pageSize {
		err = fmt.Errorf("%d cases", len(answer.GetRectifications()))
	}
	return answer, err
}

// turnPages walks to the page that R2 asks for.
func (g *overGRPC) turnPages(ctx context.Context) error {
	for i := range g.lists {
		l := &g.lists[i]
		for range page - 1 {
			answer, err := g.readList(ctx, *l)
			if err != nil {
				return fmt.Errorf("%s: %w", l.filter, err)
			}
			l.token = answer.GetNextPageToken()
			l.after = strings.TrimPrefix(answer.GetRectifications()[pageSize-1].GetName(), province+"/rectifications/")
		}
	}
	return nil
}

// overREST calls the edge as a county's system does.
type overREST struct {
	*callers
	base   string
	client *http.Client
}

func newOverREST(c *callers, base string) *overREST {
	return &overREST{c, base + "/v1/", &http.Client{
		Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64},
	}}
}

func (r *overREST) write(ctx context.Context, t target, item string, percent int) error {
	body, err := json.Marshal(map[string]any{
		"state": "STATE_IN_PROGRESS", "percent": percent, "progress": progress,
	})
	if err != nil {
		return err
	}
	defer func() { *r.written[item]++ }()
	return r.do(ctx, http.MethodPost, t.name()+"/items/"+item+":reportProgress", r.tokens[t.county], body, map[string]string{
		"Idempotency-Key": googleuuid.NewString(),
		"If-Match":        r.etag(item),
	})
}

func (r *overREST) readCase(ctx context.Context, t target) error {
	if err := r.do(ctx, http.MethodGet, t.name(), r.tokens[t.county], nil, nil); err != nil {
		return err
	}
	return r.do(ctx, http.MethodGet, t.name()+"/items", r.tokens[t.county], nil, nil)
}

func (r *overREST) readList(ctx context.Context, l list) error {
	query := url.Values{"filter": {l.filter}, "pageSize": {strconv.Itoa(pageSize)}, "pageToken": {l.token}}
	return r.do(ctx, http.MethodGet, province+"/rectifications?"+query.Encode(), r.tokens[""], nil, nil)
}

// do makes a request and reads its answer to the end, as a client would.
func (r *overREST) do(ctx context.Context, method, path, token string, body []byte, headers map[string]string) error {
	req, err := http.NewRequestWithContext(ctx, method, r.base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	resp, err := r.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && (resp.StatusCode != http.StatusOK || len(answer) < 100) {
		err = fmt.Errorf("%s %s answered %d %s", method, path, resp.StatusCode, answer[:min(len(answer), 500)])
	}
	return err
}
