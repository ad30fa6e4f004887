package api_test

import (
	"fmt"
	"sync"
	"testing"

	"google.golang.org/protobuf/proto"

	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/faultstatus"
)

// together runs f n times at once and counts the outcomes by reason, "" for
// success.
func together(n int, f func(n int) error) map[string]int {
	var (
		mu       sync.Mutex
		outcomes = map[string]int{}
		start    = make(chan struct{})
		all      sync.WaitGroup
	)
	for i := range n {
		all.Go(func() {
			<-start
			reason := ""
			if e, ok := fault.As(faultstatus.FromStatus(f(i))); ok {
				reason = e.Reason
			}
			mu.Lock()
			defer mu.Unlock()
			outcomes[reason]++
		})
	}
	close(start)
	all.Wait()
	return outcomes
}

// TestArt4OneGroupOneTask: twenty tasks want the same group in the same days, and
// one gets it.
func TestArt4OneGroupOneTask(t *testing.T) {
	w := newWorld(t, "2026-01-15")
	s := w.stage()
	counties := do(w.registry().ListCounties(w.as(office), &schedulingv1.ListCountiesRequest{Parent: sichuan, PageSize: 20}))(t).GetCounties()
	var list []*schedulingv1.Inspection
	for _, c := range counties {
		list = append(list, w.inspection(s.batch, c.GetName(), "2026-03-02", "2026-03-31"))
	}
	w.approve(s.batch)
	outcomes := together(len(list), func(n int) error {
		_, err := w.inspections().AuthorizeInspection(w.as(office), &schedulingv1.AuthorizeInspectionRequest{
			Name: list[n].GetName(), InspectionGroup: s.group.GetName(), Etag: list[n].GetEtag(), RequestId: requestID(),
		})
		return err
	})
	if outcomes[""] != 1 {
		t.Errorf("outcomes %v, want one success", outcomes)
	}
	var authorised int
	err := w.db.Admin(t).QueryRow("SELECT count(*) FROM inspection WHERE group_id IS NOT NULL").Scan(&authorised)
	if err != nil || authorised != 1 {
		t.Errorf("%d tasks have the group, %v", authorised, err)
	}
}

// TestArt5TheLastToLeaveEndsTheBatch, however many leave at the same moment.
func TestArt5TheLastToLeaveEndsTheBatch(t *testing.T) {
	w := newWorld(t, "2026-01-15")
	s := w.stage()
	var counties []string
	for _, code := range []string{"510104", "510105", "510106", "510107"} {
		counties = append(counties, sichuan+"/counties/"+code)
	}
	list := w.onSite(s, func(n int) *schedulingv1.InspectionGroup {
		return w.form(fmt.Sprint("组", n), fmt.Sprint("leader", n))
	}, counties...)
	w.at("2026-03-31")
	outcomes := together(len(list), func(n int) error {
		request := &schedulingv1.EndOnSiteRequest{Name: list[n].GetName(), Etag: list[n].GetEtag(), RequestId: requestID()}
		for {
			_, err := w.inspections().EndOnSite(w.as(office), request)
			if e, ok := fault.As(faultstatus.FromStatus(err)); ok && (e.Reason == "ETAG_MISMATCH" || e.Reason == "CONFLICT") {
				continue // as a client does that lost a clash: nothing was stored
			}
			return err
		}
	})
	equal(t, "outcomes", outcomes, map[string]int{"": len(list)})
	batch := do(w.batches().GetBatch(w.as(office), &schedulingv1.GetBatchRequest{Name: s.batch.GetName()}))(t)
	if batch.GetState() != schedulingv1.Batch_STATE_ENDED || text(batch.GetEndDate()) != "2026-03-31" {
		t.Errorf("batch %v", batch)
	}
}

// TestSameRequestTwice: a repeat answers the same and changes nothing; the same id
// with another content is refused (AIP-155).
func TestSameRequestTwice(t *testing.T) {
	w := newWorld(t, "2026-01-15")
	s := w.stage()
	request := &schedulingv1.CreateInspectionRequest{
		Parent: sichuan, RequestId: requestID(), Inspection: &schedulingv1.Inspection{
			Batch: s.batch.GetName(), County: jinjiang,
			PlannedEntryDate: day(t, "2026-03-02"), PlannedEndDate: day(t, "2026-03-31"),
		},
	}
	answers := make([]*schedulingv1.Inspection, 10)
	outcomes := together(len(answers), func(n int) (err error) {
		answers[n], err = w.inspections().CreateInspection(w.as(office), request)
		return err
	})
	equal(t, "outcomes", outcomes, map[string]int{"": len(answers)})
	for _, a := range answers {
		if !proto.Equal(a, answers[0]) {
			t.Errorf("answers differ: %v and %v", a, answers[0])
		}
	}
	other := proto.CloneOf(request)
	other.Inspection.PeriodReason = "另一内容"
	_, err := w.inspections().CreateInspection(w.as(office), other)
	refused(t, err, "REQUEST_ID_REUSED")
}

// TestTwoActivationsAreOneAfterTheOther: of two notices that were proposed beside each
// other one becomes active, however many ask at once; the other's dry run is outdated.
func TestTwoActivationsAreOneAfterTheOther(t *testing.T) {
	w := newWorld(t, fromApril)
	notices := []*schedulingv1.HolidayNotice{
		w.propose(nanning, notice(t, "45", "GX-2018-03", "2018-01-10", "2018-04-18")),
		w.propose(nanning, notice(t, "45", "GX-2018-01", "2018-01-02", "2018-05-14")),
	}
	outcomes := together(10, func(n int) error {
		for { // after three retries the caller comes again
			_, err := w.activate(liuzhou, notices[n%2])
			if !fault.Is(faultstatus.FromStatus(err), fault.ReasonConflict) {
				return err
			}
		}
	})
	if lost := outcomes["HOLIDAY_NOTICE_OUTDATED"] + outcomes["ETAG_MISMATCH"]; outcomes[""] != 1 || lost != 9 {
		t.Errorf("outcomes %v, want one activation and nine that came after it", outcomes)
	}
	var active int
	if err := w.db.Admin(t).QueryRow("SELECT count(*) FROM holiday_notice_active").Scan(&active); err != nil || active != 1 {
		t.Errorf("%d notices are active, %v; want one", active, err)
	}
	w.wantCalendarEvents("provinces/45", "casefile", "HolidayNoticeActivated")
}
