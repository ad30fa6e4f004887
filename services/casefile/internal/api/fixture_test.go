package api_test

import (
	"context"
	"sync"
	"testing"

	"github.com/google/uuid"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/genproto/googleapis/type/date"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	casefilev1 "github.com/xunshi/xunshi/gen/go/xunshi/casefile/v1"
	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
)

// schedulingFake holds decisions like scheduling does: recorded once, found by
// name, missing otherwise.
type schedulingFake struct {
	mu        sync.Mutex
	down      bool
	decisions map[string]*schedulingv1.Decision
}

func newSchedulingFake() *schedulingFake {
	return &schedulingFake{decisions: map[string]*schedulingv1.Decision{}}
}

// GetDecision answers as scheduling does.
func (f *schedulingFake) GetDecision(_ context.Context, req *schedulingv1.GetDecisionRequest, _ ...grpc.CallOption) (*schedulingv1.Decision, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		return nil, status.Error(codes.Unavailable, "down")
	}
	d, ok := f.decisions[req.GetName()]
	if !ok {
		s, _ := status.New(codes.NotFound, "nothing").WithDetails(
			&errdetails.ErrorInfo{Reason: "NOT_FOUND", Domain: "scheduling.xunshi", Metadata: map[string]string{"name": req.GetName()}})
		return nil, s.Err()
	}
	return d, nil
}

// decide records a decision with one item and gives its name.
func (f *schedulingFake) decide(province string, kind schedulingv1.DecisionItem_Kind, subject string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	name := province + "/decisions/" + uuid.NewString()
	f.decisions[name] = &schedulingv1.Decision{
		Name: name, Items: []*schedulingv1.DecisionItem{{Kind: kind, Subject: subject}},
	}
	return name
}

func (f *schedulingFake) setDown(down bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.down = down
}

func (w *world) files() casefilev1.CaseFileServiceClient {
	return casefilev1.NewCaseFileServiceClient(w.conns["gateway"])
}
func (w *world) petitions() casefilev1.PetitionServiceClient {
	return casefilev1.NewPetitionServiceClient(w.conns["gateway"])
}
func (w *world) papers() casefilev1.WorkingPaperServiceClient {
	return casefilev1.NewWorkingPaperServiceClient(w.conns["gateway"])
}
func (w *world) findings() casefilev1.FindingServiceClient {
	return casefilev1.NewFindingServiceClient(w.conns["gateway"])
}
func (w *world) reports() casefilev1.InspectionReportServiceClient {
	return casefilev1.NewInspectionReportServiceClient(w.conns["gateway"])
}

// deliver sends the next event about an inspection, as scheduling.
func (w *world) deliver(inspection string, payload proto.Message) error {
	w.t.Helper()
	body, err := anypb.New(payload)
	if err != nil {
		w.t.Fatal(err)
	}
	_, err = eventv1.NewEventServiceClient(w.conns["scheduling"]).DeliverEvent(w.limited(), &eventv1.DeliverEventRequest{
		EventId: uuid.NewString(), Aggregate: inspection, Sequence: w.sequence[inspection] + 1,
		OccurTime: timestamppb.New(w.clock.Now()), Payload: body,
	})
	if err == nil {
		w.sequence[inspection]++
	}
	return err
}

// task is an inspection and its case file.
type task struct{ inspection, file string }

func taskIn(province string) task {
	id := uuid.Must(uuid.NewV7()).String()
	return task{province + "/inspections/" + id, province + "/caseFiles/" + id}
}

func theGroup() []*eventv1.TaskMember {
	return []*eventv1.TaskMember{
		{Subject: "wang", DisplayName: "王某"},
		{Subject: "li", DisplayName: "李某", Leader: true},
		{Subject: "chen", DisplayName: "陈某"},
	}
}

// authorize opens the case file of a new task.
func (w *world) authorize(province, county string, members ...*eventv1.TaskMember) task {
	w.t.Helper()
	k := taskIn(province)
	ok(w.t, w.deliver(k.inspection, &eventv1.TaskAuthorized{
		Inspection: k.inspection, County: province + "/counties/" + county, CountyDisplayName: "锦江区",
		City: province + "/cities/" + county[:4] + "00", Group: province + "/inspectionGroups/" + uuid.NewString(),
		Members: members, RuleSet: "CN-COUNTY-2012",
	}))
	return k
}

// onSite opens the usual case file and lets its group enter.
func (w *world) onSite() task {
	w.t.Helper()
	return w.enter(w.authorize(sichuan, "510104", theGroup()...))
}

// enter lets the group of a task enter.
func (w *world) enter(k task) task {
	w.t.Helper()
	ok(w.t, w.deliver(k.inspection, &eventv1.InspectionEntered{
		Inspection: k.inspection, EntryDate: &date.Date{Year: 2026, Month: 9, Day: 1},
	}))
	return k
}

// leave ends the stay of a task.
func (w *world) leave(k task) {
	w.t.Helper()
	ok(w.t, w.deliver(k.inspection, &eventv1.OnSiteEnded{
		Inspection: k.inspection, EndDate: &date.Date{Year: 2026, Month: 9, Day: 30},
	}))
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%v %v", err, status.Convert(err).Details())
	}
}

// must gives the answer of a call that has to succeed.
func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		ok(t, err)
		return v
	}
}

// refused fails unless the error has the code, the reason, and the article if one is given.
func refused(t *testing.T, err error, code codes.Code, reason, article string) {
	t.Helper()
	s := status.Convert(err)
	var info *errdetails.ErrorInfo
	for _, d := range s.Details() {
		if i, isInfo := d.(*errdetails.ErrorInfo); isInfo {
			info = i
		}
	}
	if s.Code() != code || info.GetReason() != reason || info.GetMetadata()["article"] != article {
		t.Fatalf("got %v %q (art. %q), want %v %q (art. %q); %v",
			s.Code(), info.GetReason(), info.GetMetadata()["article"], code, reason, article, err)
	}
}

func requestID() string { return uuid.NewString() }
