package e2e_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xunshi/xunshi/deploy/devstack/data"
	auditv1 "github.com/xunshi/xunshi/gen/go/xunshi/audit/v1"
	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/receipt"
)

const counties = 40

// TestArt17FortyCountiesSubmitInTheSameMinute: the plans of a whole batch come over
// REST at once, each sent three times with one Idempotency-Key, as by systems that
// do not wait for the answer. Each county has then submitted once: one plan, one
// date kept, one date begun, one copy to its city, one entry in the audit log, one
// receipt.
func TestArt17FortyCountiesSubmitInTheSameMinute(t *testing.T) {
	alone(t)
	batch := aBatch(t)
	db := openDatabases(t)
	db.rest(t)

	setDay(t, 2012, time.December, 20)
	sent := make([]written, len(batch))
	for i, l := range batch {
		sent[i] = l.submission(t)
		sent[i].client = clientFrom(t, net.IPv4(127, 0, 1, byte(i+1)))
	}
	before := db.ofPlans(t, batch)
	answers := make([][]string, len(sent))
	var all sync.WaitGroup
	for i := range sent {
		all.Go(func() { answers[i] = sent[i].sent(t, 3) })
	}
	all.Wait()
	for i, l := range batch {
		first := answers[i][0]
		if !strings.HasPrefix(first, "200\n") || !strings.Contains(first, `"version":1`) || !strings.Contains(first, "SUBMISSION_STATE_SUBMITTED") {
			t.Errorf("%s: %s", l.county, first)
		}
		for _, again := range answers[i][1:] {
			if again != first {
				t.Errorf("%s: a retry is answered\n%s\nand the first\n%s", l.county, again, first)
			}
		}
	}
	db.rest(t)
	after := db.ofPlans(t, batch)
	for what, n := range after {
		if grown := n - before[what]; grown != counties {
			t.Errorf("%s: %d more, want %d", what, grown, counties)
		}
	}
	for i, l := range batch {
		l.seesItsPlanKept(t)
		l.holdsOneReceipt(t, answers[i])
	}
}

// aBatch drives counties of many cities in one batch up to the plan.
func aBatch(t *testing.T) []*life {
	t.Helper()
	setDay(t, 2012, time.August, 20)
	term := theTerm(t)
	var batch []*life
	for line := range strings.Lines(data.Divisions2023) {
		f := strings.Split(line, ",")
		if f[2] == "county" && f[0][:2] == "51" && len(batch) < counties {
			batch = append(batch, &life{county: sichuan + "/counties/" + f[0], city: sichuan + "/cities/" + f[3],
				leader: "leader-" + f[0], member: "member-" + f[0], term: term})
		}
	}
	if len(batch) != counties {
		t.Fatalf("the registry has only %d counties for it", len(batch))
	}
	made := batch[0].newBatch(t)
	together(t, batch, func(t *testing.T, l *life) {
		l.batch = made.Name
		l.form(t)
		l.schedule(t)
	})
	approve(t, batch[0].decide(t, schedulingv1.DecisionItem_KIND_APPROVE_BATCH, made.Name), made)
	together(t, batch, func(t *testing.T, l *life) { l.authorize(t) })
	setDay(t, 2012, time.October, 15)
	together(t, batch, func(t *testing.T, l *life) { l.stay(t) })
	setDay(t, 2012, time.November, 13)
	together(t, batch, func(t *testing.T, l *life) {
		l.end(t)
		l.giveFeedback(t, l.draftFeedback(t))
		l.receive(t)
		l.copy(t)
	})
	return batch
}

// together has all lives do a part, some at a time.
func together(t *testing.T, batch []*life, do func(*testing.T, *life)) {
	t.Helper()
	done := t.Run("together", func(t *testing.T) {
		for _, l := range batch {
			t.Run(l.leader, func(t *testing.T) {
				t.Parallel()
				do(t, l)
			})
		}
	})
	if !done {
		t.FailNow()
	}
}

// submission is the county's call that submits its plan.
func (l *life) submission(t *testing.T) written {
	t.Helper()
	plan := l.draftPlan(t)
	return written{step: l.county, verb: http.MethodPost, path: "/v1/" + plan.Name + ":submit", key: rid(),
		token: must[string](t)(running.Token(t.Context(), "clerk", "COUNTY_COMMITTEE", l.county)),
		body:  map[string]any{"signer": "王", "signerPost": "县委书记", "truthfulnessCommitment": true, "etag": plan.Etag}}
}

// clientFrom is a system with an address of its own; the edge bounds the connections
// of one address.
func clientFrom(t *testing.T, address net.IP) *http.Client {
	t.Helper()
	transport := &http.Transport{DialContext: (&net.Dialer{LocalAddr: &net.TCPAddr{IP: address}}).DialContext}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// ofPlans counts what a submission makes, in these cases alone.
func (d databases) ofPlans(t *testing.T, batch []*life) map[string]int {
	t.Helper()
	var cases, ids []string
	for _, l := range batch {
		cases = append(cases, l.rectification)
		ids = append(ids, lastUUID.FindString(l.rectification))
	}
	all := map[string]int{}
	for what, query := range map[string]string{
		"plans submitted once":   `SELECT count(*)::int FROM submission WHERE kind = 'PLAN' AND state = 'SUBMITTED' AND submission_count = 1 AND rectification_id = ANY ($1::uuid[])`,
		"copies to the city":     `SELECT count(*)::int FROM delivery WHERE kind = 'PLAN_COPY' AND rectification_id = ANY ($1::uuid[])`,
		"obligations satisfied":  `SELECT count(*)::int FROM obligation WHERE duty = 'RECTIFICATION_PLAN' AND state = 'SATISFIED' AND NOT late AND subject = ANY ($2)`,
		"dates of reports begun": `SELECT count(*)::int FROM obligation WHERE duty = 'RECTIFICATION_REPORT' AND state = 'OPEN' AND subject = ANY ($2)`,
		"audit entries": `SELECT count(*)::int FROM audit_entry WHERE method LIKE '%/SubmitRectificationPlan' AND outcome = 'OK'
			AND split_part(object, '/plan', 1) = ANY ($2)`,
		"receipts": `SELECT count(*)::int FROM receipt JOIN audit_entry USING (province, id) WHERE method LIKE '%/SubmitRectificationPlan'
			AND split_part(object, '/plan', 1) = ANY ($2)`,
	} {
		all[what] = column[int](t, d["rectification"], `WITH given AS (SELECT $1::uuid[], $2::text[]) `+query, ids, cases)[0]
	}
	return all
}

// seesItsPlanKept reads what the county itself reads afterwards.
func (l *life) seesItsPlanKept(t *testing.T) {
	t.Helper()
	token := must[string](t)(running.Token(t.Context(), "clerk", "COUNTY_COMMITTEE", l.county))
	_, body := send(t, http.MethodGet, "/v1/"+sichuan+"/obligations?pageSize=200", token, nil, nil)
	var found struct {
		Obligations []struct{ Subject, Duty, State string }
	}
	if err := json.Unmarshal(body, &found); err != nil {
		t.Fatal(err)
	}
	states := map[string]string{}
	for _, o := range found.Obligations {
		if o.Subject == l.rectification {
			states[o.Duty] = o.State
		}
	}
	want := map[string]string{"DUTY_RECTIFICATION_PLAN": "STATE_SATISFIED", "DUTY_RECTIFICATION_REPORT": "STATE_OPEN"}
	if fmt.Sprint(states) != fmt.Sprint(want) {
		t.Errorf("%s reads %v, want %v", l.county, states, want)
	}
	plan := must[*rectificationv1.RectificationPlan](t)(rectificationv1.NewRectificationPlanServiceClient(conn(t, "rectification")).GetRectificationPlan(
		as(t, "clerk", "COUNTY_COMMITTEE", l.county), &rectificationv1.GetRectificationPlanRequest{Name: l.rectification + "/plan"}))
	if plan.Version != 1 {
		t.Errorf("%s has submitted %d plans", l.county, plan.Version)
	}
}

var receiptHeader = regexp.MustCompile(`(?m)^Xunshi-Receipt: \["([^"]+)"\]$`)

// holdsOneReceipt: each answer brought the receipt that the county lists, and there is
// no other; with the public key alone it holds, and says which clock it stopped.
func (l *life) holdsOneReceipt(t *testing.T, answers []string) {
	t.Helper()
	token := must[string](t)(running.Token(t.Context(), "clerk", "COUNTY_COMMITTEE", l.county))
	var listed []string
	for _, r := range asked(t, token, sichuan+"/receipts?pageSize=200", &auditv1.ListReceiptsResponse{}).GetReceipts() {
		if strings.HasSuffix(r.GetMethod(), "/SubmitRectificationPlan") && r.GetObject() == l.rectification+"/plan" {
			listed = append(listed, r.GetSignedReceipt())
		}
	}
	if len(listed) != 1 {
		t.Errorf("%s has %d receipts for its plan", l.county, len(listed))
		return
	}
	for _, answer := range answers {
		if given := receiptHeader.FindStringSubmatch(answer); given == nil || given[1] != listed[0] {
			t.Errorf("%s lists the receipt %s and is answered\n%s", l.county, listed[0], answer)
		}
	}
	said, err := receipt.Verify(listed[0], must[string](t)(running.AuditKey("rectification")))
	if err != nil || said.Jurisdiction != l.county || len(said.Stopped) != 1 || said.Stopped[0].Duty != "RECTIFICATION_PLAN" || said.Stopped[0].Late {
		t.Errorf("%s has a receipt that says %+v, %v", l.county, said, err)
	}
}
