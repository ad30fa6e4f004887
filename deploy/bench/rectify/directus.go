package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os/exec"
	"strconv"
)

// startDirectus serves the tables by Directus, by its own ways: a case with its items
// by a relation, pages by their number (it compares no UUIDs), its own log of what was changed.
func (b *bench) startDirectus(ctx context.Context) (*peer, map[string]func(clients int) call, error) {
	folder, err := install(ctx, b.PeersDir, "directus")
	if err != nil {
		return nil, nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, nil, err
	}
	env := []string{
		"NODE_ENV=production", "HOST=127.0.0.1", "PORT=" + port, "SECRET=bench", "KEY=bench", "LOG_LEVEL=error", "TELEMETRY=false",
		"DB_CLIENT=pg", "DB_HOST=" + b.subject.admin.Config().Host, "DB_PORT=5432", "DB_DATABASE=rectification",
		"DB_USER=peers", "DB_PASSWORD=peers", "DB_SEARCH_PATH=peers", "DB_POOL__MAX=12",
		"ADMIN_EMAIL=bench@example.com", "ADMIN_PASSWORD=bench-password", "ADMIN_TOKEN=" + peerToken,
		"CACHE_ENABLED=false", "RATE_LIMITER_ENABLED=false", "WEBSOCKETS_ENABLED=false", "PRESSURE_LIMITER_ENABLED=false",
	}
	bootstrap := exec.CommandContext(ctx, "node", "node_modules/directus/cli.js", "bootstrap")
	bootstrap.Dir, bootstrap.Env = folder, append(bootstrap.Environ(), env...)
	if out, err := bootstrap.CombinedOutput(); err != nil {
		return nil, nil, fmt.Errorf("bootstrap: %w: %s", err, out[max(0, len(out)-1000):])
	}
	p, err := b.launch(ctx, "Directus", folder, port, env, "node_modules/directus/cli.js", "start")
	if err != nil {
		return nil, nil, err
	}
	if err := p.describe(ctx); err != nil {
		return nil, nil, err
	}
	get := func(ctx context.Context, path string, query url.Values) error {
		return p.do(ctx, http.MethodGet, path+"?"+query.Encode(), peerToken, nil, nil)
	}
	calls := map[string]func(clients int) call{
		"W": b.callers.writer(func(ctx context.Context, _ target, item string, percent int) error {
			body, err := json.Marshal(map[string]any{"state": "IN_PROGRESS", "percent": percent, "progress": progress})
			if err != nil {
				return err
			}
			return p.do(ctx, http.MethodPatch, "items/item/"+item, peerToken, body, nil)
		}),
		"R1": b.callers.reader(func(ctx context.Context, t target) error {
			return get(ctx, "items/rectification/"+t.id, url.Values{"fields": {"*,items.*"}, "deep[items][_sort]": {"number"}})
		}),
		"R2": b.callers.lister(func(ctx context.Context, l list) error {
			return get(ctx, "items/rectification", url.Values{
				"filter[city_code][_eq]": {l.city}, "filter[state][_eq]": {"RECTIFYING"},
				"sort": {"id"}, "limit": {strconv.Itoa(pageSize)}, "page": {strconv.Itoa(page)},
			})
		}),
	}
	return p, calls, b.try(ctx, calls)
}

// describe tells Directus once that a case has items.
func (p *peer) describe(ctx context.Context) error {
	send := func(method, path string, body any) error {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		return p.do(ctx, method, path, peerToken, text, nil)
	}
	type object = map[string]any
	if p.do(ctx, http.MethodGet, "fields/rectification/items", peerToken, nil, nil) == nil {
		return nil
	}
	for _, table := range []string{"rectification", "item"} {
		if err := send(http.MethodPatch, "collections/"+table, object{"meta": object{"accountability": "all"}}); err != nil {
			return err
		}
	}
	if err := send(http.MethodPost, "fields/rectification", object{
		"field": "items", "type": "alias", "meta": object{"special": []string{"o2m"}},
	}); err != nil {
		return err
	}
	return send(http.MethodPatch, "relations/item/rectification_id", object{"meta": object{"one_field": "items"}})
}
