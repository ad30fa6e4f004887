package api_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	casefilev1 "github.com/xunshi/xunshi/gen/go/xunshi/casefile/v1"
	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
	policyv1 "github.com/xunshi/xunshi/gen/go/xunshi/policy/v1"
	"github.com/xunshi/xunshi/services/kit/grpcserver/grpcservertest"
	"github.com/xunshi/xunshi/services/kit/principal"
)

// services are all that the server answers.
func services() []protoreflect.ServiceDescriptor {
	var all []protoreflect.ServiceDescriptor
	for _, f := range []protoreflect.FileDescriptor{
		casefilev1.File_xunshi_casefile_v1_case_file_service_proto,
		casefilev1.File_xunshi_casefile_v1_petition_service_proto,
		casefilev1.File_xunshi_casefile_v1_working_paper_service_proto,
		casefilev1.File_xunshi_casefile_v1_finding_service_proto,
		casefilev1.File_xunshi_casefile_v1_inspection_report_service_proto,
		eventv1.File_xunshi_event_v1_event_service_proto,
	} {
		all = append(all, f.Services().Get(0))
	}
	return all
}

// shared are what all three services answer, with grants that hold elsewhere.
func shared() []protoreflect.ServiceDescriptor {
	var all []protoreflect.ServiceDescriptor
	for _, f := range []protoreflect.FileDescriptor{
		obligationv1.File_xunshi_obligation_v1_obligation_service_proto,
		obligationv1.File_xunshi_obligation_v1_obligation_decision_service_proto,
		obligationv1.File_xunshi_obligation_v1_notification_service_proto,
		obligationv1.File_xunshi_obligation_v1_recomputation_service_proto,
	} {
		all = append(all, f.Services().Get(0))
	}
	return all
}

// domain.md §8: the services of the kit grant much to counties and cities, and here
// nothing: every method refuses them with the words of a method that no grant names,
// whatever is asked for.
func TestSharedServicesRefuseCountyAndCity(t *testing.T) {
	w := newWorld(t)
	k := w.onSite()
	w.leave(k)
	name := sichuan + "/obligations/casefile-" + w.text("SELECT id::text FROM obligation")
	granted := 0
	for _, service := range shared() {
		for i := range service.Methods().Len() {
			m := service.Methods().Get(i)
			access := proto.GetExtension(m.Options(), policyv1.E_Access).(*policyv1.Access)
			for _, g := range access.GetAllow() {
				if slices.Contains(g.GetParties(), policyv1.Party_PARTY_COUNTY_COMMITTEE) {
					granted++
				}
			}
			for _, token := range []string{county, city, "CITY_LIAISON_BODY provinces/51/cities/510100 liaison"} {
				req := dynamicpb.NewMessage(m.Input())
				for field, value := range map[protoreflect.Name]string{"name": name, "parent": sichuan} {
					if f := m.Input().Fields().ByName(field); f != nil {
						req.Set(f, protoreflect.ValueOfString(value))
					}
				}
				err := w.conns["gateway"].Invoke(w.as(token), "/"+string(service.FullName())+"/"+string(m.Name()), req, dynamicpb.NewMessage(m.Output()))
				refused(t, err, codes.PermissionDenied, "METHOD_NOT_GRANTED", strings.Join(access.GetArticles(), ", "))
			}
		}
	}
	if granted < 7 {
		t.Errorf("the protos grant the county %d methods; then this proves little", granted)
	}
}

// domain.md §8: no county and no city can call anything of this service, nor can
// a department, the central office or an administrator.
func TestNoMethodIsGivenToACountyOrCity(t *testing.T) {
	w := newWorld(t)
	tokens := []string{county, city}
	for _, party := range principal.Parties() {
		switch party {
		case principal.LeadingGroup, principal.InspectionOffice, principal.InspectionGroup, principal.Service:
		default:
			tokens = append(tokens, string(party)+" provinces/51 someone")
		}
	}
	methods := 0
	for _, service := range services() {
		for i := range service.Methods().Len() {
			m := service.Methods().Get(i)
			methods++
			for _, token := range tokens {
				err := w.conns["gateway"].Invoke(w.as(token), "/"+string(service.FullName())+"/"+string(m.Name()),
					dynamicpb.NewMessage(m.Input()), dynamicpb.NewMessage(m.Output()))
				access := proto.GetExtension(m.Options(), policyv1.E_Access).(*policyv1.Access)
				refused(t, err, codes.PermissionDenied, "METHOD_NOT_GRANTED", strings.Join(access.GetArticles(), ", "))
			}
		}
	}
	if methods != 25 {
		t.Errorf("%d methods were called; is a service missing here?", methods)
	}
}

// Only another service asks the gate of feedback (art. 11), and it asks nothing else.
func TestServicesAskOnlyTheGateArt11(t *testing.T) {
	w := newWorld(t)
	k := w.onSite()
	r := w.reported(k)
	for _, token := range []string{office, chair, leader} {
		_, err := w.reports().CheckReportAgreement(w.as(token), &casefilev1.CheckReportAgreementRequest{Name: r.GetName()})
		refused(t, err, codes.PermissionDenied, "METHOD_NOT_GRANTED", "11")
	}
	_, err := casefilev1.NewInspectionReportServiceClient(w.conns["rectification"]).GetInspectionReport(w.limited(),
		&casefilev1.GetInspectionReportRequest{Name: r.GetName()})
	refused(t, err, codes.PermissionDenied, "METHOD_NOT_GRANTED", "5, 10")
	_, err = w.asRectification(nobodys(r.GetName()))
	refused(t, err, codes.NotFound, "NOT_FOUND", "")
}

// Petitions are the group's alone; papers and reports are not the office's to write
// (domain.md §8).
func TestOfficeAndLeadingGroupHaveNoPetitions(t *testing.T) {
	w := newWorld(t)
	k := w.onSite()
	for _, token := range []string{office, chair} {
		_, err := w.petitions().ListPetitions(w.as(token), &casefilev1.ListPetitionsRequest{Parent: k.file})
		refused(t, err, codes.PermissionDenied, "METHOD_NOT_GRANTED", "8")
		_, err = w.draft(token, k)
		refused(t, err, codes.PermissionDenied, "METHOD_NOT_GRANTED", "8")
	}
}

// stock is one of each thing in a case file.
type stock struct {
	k       task
	p       *casefilev1.Petition
	paper   *casefilev1.WorkingPaper
	finding *casefilev1.Finding
	report  *casefilev1.InspectionReport
}

func (w *world) stocked() stock {
	k := w.onSite()
	s := stock{k: k, p: must[*casefilev1.Petition](w.t)(w.register(member, k, "反映……"))}
	s.report = w.reported(k)
	s.finding = &casefilev1.Finding{Name: s.report.GetFindings()[0]}
	s.paper = must[*casefilev1.WorkingPaper](w.t)(w.draft(member, k))
	return s
}

// attempts are the ways to get at something by its name, after rename.
func (w *world) attempts(who string, s stock, rename func(string) string) map[string]func() (proto.Message, error) {
	p, paper, finding := rename(s.p.GetName()), rename(s.paper.GetName()), rename(s.finding.GetName())
	report, file := rename(s.report.GetName()), rename(s.k.file)
	return map[string]func() (proto.Message, error){
		"get case file": func() (proto.Message, error) {
			return w.files().GetCaseFile(w.as(who), &casefilev1.GetCaseFileRequest{Name: file})
		},
		"get petition": func() (proto.Message, error) {
			return w.petitions().GetPetition(w.as(who), &casefilev1.GetPetitionRequest{Name: p})
		},
		"get paper": func() (proto.Message, error) {
			return w.papers().GetWorkingPaper(w.as(who), &casefilev1.GetWorkingPaperRequest{Name: paper})
		},
		"get finding": func() (proto.Message, error) {
			return w.findings().GetFinding(w.as(who), &casefilev1.GetFindingRequest{Name: finding})
		},
		"get report": func() (proto.Message, error) {
			return w.reports().GetInspectionReport(w.as(who), &casefilev1.GetInspectionReportRequest{Name: report})
		},
		"list petitions": func() (proto.Message, error) {
			return w.petitions().ListPetitions(w.as(who), &casefilev1.ListPetitionsRequest{Parent: file})
		},
		"list papers": func() (proto.Message, error) {
			return w.papers().ListWorkingPapers(w.as(who), &casefilev1.ListWorkingPapersRequest{Parent: file})
		},
		"list findings": func() (proto.Message, error) {
			return w.findings().ListFindings(w.as(who), &casefilev1.ListFindingsRequest{Parent: file})
		},
		"register petition": func() (proto.Message, error) { return w.register(who, task{file: file}, "x") },
		"draft paper":       func() (proto.Message, error) { return w.draft(who, task{file: file}) },
		"record finding": func() (proto.Message, error) {
			return w.find(who, task{file: file}, &casefilev1.WorkingPaper{Name: paper})
		},
		"conclude petition": func() (proto.Message, error) {
			return w.petitions().ConcludePetition(w.as(who), &casefilev1.ConcludePetitionRequest{
				Name: p, Outcome: casefilev1.Petition_OUTCOME_NO_ACTION, Etag: `"1"`, RequestId: requestID(),
			})
		},
		"update paper": func() (proto.Message, error) {
			return w.updatePaper(who, &casefilev1.WorkingPaper{Name: paper, Etag: `"1"`}, "x", "facts")
		},
		"submit paper": func() (proto.Message, error) {
			return w.submitPaper(who, &casefilev1.WorkingPaper{Name: paper, Etag: `"1"`})
		},
		"review paper": func() (proto.Message, error) {
			return w.review(who, &casefilev1.WorkingPaper{Name: paper, Etag: `"1"`}, passVerdict, "")
		},
		"withdraw paper": func() (proto.Message, error) {
			return w.withdraw(who, &casefilev1.WorkingPaper{Name: paper, Etag: `"1"`}, "重复")
		},
		"update report": func() (proto.Message, error) {
			return w.updateReport(who, &casefilev1.InspectionReport{Name: report, CaseFile: file, Etag: `"1"`}, "content")
		},
		"submit report": func() (proto.Message, error) {
			return w.submitReport(who, &casefilev1.InspectionReport{Name: report, Etag: `"1"`})
		},
	}
}

func itself(name string) string { return name }

// A thing of another group or province answers like one that never existed: the
// same bytes but for the name that was asked for.
func TestForeignAnswersLikeMissing(t *testing.T) {
	w := newWorld(t)
	s := w.stocked()
	w.authorize(sichuan, "510105", &eventv1.TaskMember{Subject: "zhao", Leader: true})
	w.authorize("provinces/44", "440104", theGroup()...)
	for _, who := range []string{otherGroup, elsewhere} {
		missing := w.attempts(who, s, nobodys)
		for name, attempt := range w.attempts(who, s, itself) {
			_, err := attempt()
			foreign := status.Convert(err).Proto()
			_, err = missing[name]()
			if foreign.GetCode() != int32(codes.NotFound) {
				t.Errorf("%s for %s: %v", name, who, foreign)
			}
			got, want := withoutIDs(foreign.String()), withoutIDs(status.Convert(err).Proto().String())
			if got != want {
				t.Errorf("%s for %s:\nforeign %s\nmissing %s", name, who, got, want)
			}
		}
	}
}

// withoutIDs takes the UUIDs out of a text.
func withoutIDs(text string) string {
	var b strings.Builder
	for len(text) > 0 {
		if len(text) >= 36 && uuid.Validate(text[:36]) == nil {
			text = text[36:]
			continue
		}
		b.WriteByte(text[0])
		text = text[1:]
	}
	return b.String()
}

// With the policy interceptor off, row-level security alone still gives nothing
// foreign to anybody (security.md §2.4, bypass drill).
func TestRowLevelSecurityAloneHolds(t *testing.T) {
	w := newWorld(t, grpcservertest.WithoutPolicy())
	s := w.stocked()
	strangers := []string{otherGroup, elsewhere, county, city, "LEADING_GROUP provinces/44 x", "INSPECTION_OFFICE provinces/44 x"}
	for _, party := range principal.Parties() {
		switch party {
		case principal.LeadingGroup, principal.InspectionOffice, principal.InspectionGroup, principal.Service:
		default: // even under the name of a member of the task
			strangers = append(strangers, string(party)+" provinces/51 wang")
		}
	}
	for _, who := range strangers {
		for name, attempt := range w.attempts(who, s, itself) {
			if answer, err := attempt(); err == nil {
				t.Errorf("%s for %s: %v", name, who, answer)
			}
		}
		files, err := w.files().ListCaseFiles(w.as(who), &casefilev1.ListCaseFilesRequest{Parent: sichuan})
		if err == nil && len(files.GetCaseFiles()) > 0 {
			t.Errorf("%s lists %v", who, files)
		}
		found, err := w.reports().ListInspectionReports(w.as(who), &casefilev1.ListInspectionReportsRequest{Parent: sichuan})
		if err == nil && len(found.GetInspectionReports()) > 0 {
			t.Errorf("%s lists %v", who, found)
		}
	}
	for _, who := range []string{office, chair} {
		if p, err := w.petitions().GetPetition(w.as(who), &casefilev1.GetPetitionRequest{Name: s.p.GetName()}); err == nil {
			t.Errorf("%s reads petition %v", who, p)
		}
		list, err := w.petitions().ListPetitions(w.as(who), &casefilev1.ListPetitionsRequest{Parent: s.k.file})
		if err != nil || len(list.GetPetitions()) != 0 {
			t.Errorf("%s lists petitions %v, %v", who, list, err)
		}
		for what, write := range map[string]func() (proto.Message, error){
			"petition": func() (proto.Message, error) { return w.register(who, s.k, "x") },
			"paper":    func() (proto.Message, error) { return w.draft(who, s.k) },
			"report":   func() (proto.Message, error) { return w.submitReport(who, s.report) },
		} {
			if answer, err := write(); err == nil {
				t.Errorf("%s writes %s: %v", who, what, answer)
			}
		}
	}
}
