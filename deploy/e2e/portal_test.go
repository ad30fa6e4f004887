package e2e_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
)

// TestArts9To17ACityAndACountyBySystemsOfTheirOwn: the whole work of a county's
// system and of a city's portal, over REST alone, by the programs in portal. Their
// client is typed by what openapi-typescript makes of the document that the edge
// serves; nothing of it is changed by hand. The province acts in between; what the city
// says to the consultation of art. 11 is the office's to record.
func TestArts9To17ACityAndACountyBySystemsOfTheirOwn(t *testing.T) {
	own, _ := world(t)
	setDay(t, 2012, time.August, 20)
	l := &life{county: sichuan + "/counties/510603", city: sichuan + "/cities/510600", leader: "leader-portal", member: "member-portal", problems: 2}
	l.plan(t)
	programs := build(t)
	county := programs.of(t, l, own, "COUNTY_COMMITTEE", l.county, "county.js")
	city := programs.of(t, l, own, "CITY_COMMITTEE", l.city, "city.js")
	liaison := programs.of(t, l, own, "CITY_LIAISON_BODY", l.city, "city.js")

	setDay(t, 2012, time.October, 15)
	l.stay(t)
	l.issueAtOnce(t)
	county("atOnce")
	setDay(t, 2012, time.November, 13)
	l.end(t)
	l.giveFeedback(t, l.draftFeedback(t))
	county("receive")
	l.rectification = l.itsCase(t)
	plan, report := l.rectification+"/plan", l.rectification+"/report"
	city("early")
	l.copy(t)
	city("copy")
	city("foreign")
	city("guide")
	county("guided")
	l.assign(t)
	liaison("task")

	county("plan")
	city("plan")
	l.act(t, "INSPECTION_GROUP", plan, "review", map[string]any{"verdict": "VERDICT_RETURN", "opinion": "第二项措施须明确时限。"})
	county("revise")
	city("plan")
	l.chain(t, plan)
	county("receipts")

	county("progress")
	city("progress")
	city("check")
	county("again")
	city("checkAgain")
	l.settle(t)
	county("report")
	city("report")
	l.chain(t, report)
	l.act(t, "INSPECTION_OFFICE", l.rectification, "close",
		map[string]any{"decision": l.decide(t, schedulingv1.DecisionItem_KIND_CLOSE_RECTIFICATION, l.rectification)})
	county("closed")
}

// assign has the office assign something to the city's liaison body (art. 16).
func (l *life) assign(t *testing.T) {
	t.Helper()
	l.liaisonTask = must[*schedulingv1.LiaisonTask](t)(schedulingv1.NewLiaisonTaskServiceClient(conn(t, "scheduling")).CreateLiaisonTask(
		as(t, "office", "INSPECTION_OFFICE", sichuan), &schedulingv1.CreateLiaisonTaskRequest{Parent: sichuan, RequestId: rid(),
			LiaisonTask: &schedulingv1.LiaisonTask{LiaisonBody: l.liaisonBody, Inspection: l.inspection, Title: "汇总",
				Content: "请汇总市级部门对整改的意见。", DueDate: day(2013, 1, 31)}})).Name
}

// chain takes what the county submitted to the leading group.
func (l *life) chain(t *testing.T, name string) {
	t.Helper()
	l.act(t, "INSPECTION_GROUP", name, "review", map[string]any{"verdict": "VERDICT_PASS"})
	l.act(t, "INSPECTION_OFFICE", name, "forward", map[string]any{})
	l.act(t, "LEADING_GROUP", name, "receive", map[string]any{})
}

// settle has the group verify what the city has, and the office close it.
func (l *life) settle(t *testing.T) {
	t.Helper()
	for _, item := range must[*rectificationv1.ListRectificationItemsResponse](t)(rectificationv1.NewRectificationItemServiceClient(conn(t, "rectification")).ListRectificationItems(
		as(t, "clerk", "COUNTY_COMMITTEE", l.county), &rectificationv1.ListRectificationItemsRequest{Parent: l.rectification})).RectificationItems {
		l.act(t, "INSPECTION_GROUP", item.Name, "verify", map[string]any{"verdict": "VERDICT_PASS"})
		l.act(t, "INSPECTION_OFFICE", item.Name, "close", map[string]any{})
	}
}

// act is a step of the province, with the etag as it reads it.
func (l *life) act(t *testing.T, party, name, verb string, body map[string]any) {
	t.Helper()
	subject := party
	if party == "INSPECTION_GROUP" {
		subject = l.leader
	}
	token := must[string](t)(running.Token(t.Context(), subject, party, sichuan))
	_, text := send(t, http.MethodGet, "/v1/"+name, token, nil, nil)
	var seen struct{ Etag string }
	if err := json.Unmarshal(text, &seen); err != nil {
		t.Fatalf("%s reads %s: %s", party, name, text)
	}
	resp, text := send(t, http.MethodPost, "/v1/"+name+":"+verb, token, body, map[string]string{"Idempotency-Key": rid(), "If-Match": seen.Etag})
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s %s of %s: %d %s", party, verb, name, resp.StatusCode, text)
	}
}

func (l *life) itsCase(t *testing.T) string {
	t.Helper()
	found := must[*rectificationv1.ListRectificationsResponse](t)(rectificationv1.NewRectificationServiceClient(conn(t, "rectification")).ListRectifications(
		as(t, "clerk", "COUNTY_COMMITTEE", l.county), &rectificationv1.ListRectificationsRequest{Parent: sichuan}))
	if len(found.Rectifications) != 1 {
		t.Fatalf("%s has %d cases", l.county, len(found.Rectifications))
	}
	return found.Rectifications[0].Name
}

// programs is the folder in which the programs of portal are built.
type programs string

// build generates the types from the document that the edge serves, and checks and
// compiles the programs against them.
func build(t *testing.T) programs {
	t.Helper()
	p := programs(must[string](t)(filepath.Abs("../../.run/portal")))
	if err := os.MkdirAll(string(p), 0o755); err != nil {
		t.Fatal(err)
	}
	sources := os.DirFS("portal")
	for _, name := range must[[]string](t)(fs.Glob(sources, "*")) {
		p.write(t, name, must[[]byte](t)(fs.ReadFile(sources, name)))
	}
	p.install(t)
	resp, document := send(t, http.MethodGet, "/openapi.json", "", nil, nil)
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("the edge serves no document: %d %s", resp.StatusCode, document)
	}
	p.write(t, "openapi.json", document)
	p.run(t, nil, "node_modules/.bin/openapi-typescript", "openapi.json", "-o", "xunshi.d.ts")
	p.run(t, nil, "node_modules/.bin/tsc", "-p", ".")
	return p
}

// install brings what package-lock.json says, unless it is there already.
func (p programs) install(t *testing.T) {
	t.Helper()
	lock := must[[]byte](t)(os.ReadFile("portal/package-lock.json"))
	const installed = "node_modules/.installed"
	if have, err := os.ReadFile(filepath.Join(string(p), installed)); err == nil && string(have) == string(lock) {
		return
	}
	if _, err := exec.LookPath("npm"); err != nil {
		t.Fatalf("the programs of portal want Node.js 20 with npm: %v", err)
	}
	p.run(t, nil, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	p.write(t, installed, lock)
}

func (p programs) write(t *testing.T, name string, text []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(string(p), name), text, 0o644); err != nil {
		t.Fatal(err)
	}
}

func (p programs) run(t *testing.T, env []string, name string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir, cmd.Env = string(p), append(os.Environ(), env...)
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, text)
	}
}

// of gives the program of a body, to be told its next step.
func (p programs) of(t *testing.T, l, foreign *life, party, area, script string) func(step string) {
	t.Helper()
	env := []string{
		"XUNSHI_EDGE=" + running.Gateway(), "XUNSHI_COUNTY=" + l.county, "XUNSHI_FOREIGN=" + foreign.rectification,
		"XUNSHI_AUDIT_KEY=" + must[string](t)(running.AuditKey("rectification")),
		"XUNSHI_TOKEN=" + must[string](t)(running.Token(t.Context(), "clerk", party, area)),
	}
	return func(step string) {
		t.Helper()
		p.run(t, env, "node", fmt.Sprintf("out/%s", script), step)
	}
}
