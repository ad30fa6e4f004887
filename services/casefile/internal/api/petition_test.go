package api_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/testing/protocmp"

	casefilev1 "github.com/xunshi/xunshi/gen/go/xunshi/casefile/v1"
)

// Art. 8: numbered from 1 without a gap, however many register at once.
func TestPetitionNumbersHaveNoGapUnderConcurrency(t *testing.T) {
	w := newWorld(t)
	k, other := w.onSite(), w.enter(w.authorize(sichuan, "510105", theGroup()...))
	const clerks = 20
	numbers := make([]int32, clerks)
	errs := make([]error, clerks)
	var all sync.WaitGroup
	for n := range clerks {
		all.Go(func() {
			p, err := w.register(member, k, fmt.Sprint("第", n, "封"))
			numbers[n], errs[n] = p.GetNumber(), err
		})
	}
	all.Wait()
	for _, err := range errs {
		ok(t, err)
	}
	slices.Sort(numbers)
	for n, number := range numbers {
		if number != int32(n+1) {
			t.Fatalf("numbers %v", numbers)
		}
	}
	// A refused registration takes no number, and each case file has its own.
	_, err := w.petitions().CreatePetition(w.as(member), &casefilev1.CreatePetitionRequest{
		Parent: k.file, RequestId: requestID(), Petition: &casefilev1.Petition{Channel: casefilev1.Petition_CHANNEL_CALL},
	})
	refused(t, err, codes.InvalidArgument, "FIELD_INVALID", "")
	petition := must[*casefilev1.Petition](t)
	if p := petition(w.register(leader, k, "再一封")); p.GetNumber() != clerks+1 {
		t.Errorf("number %d", p.GetNumber())
	}
	if p := petition(w.register(leader, other, "第一封")); p.GetNumber() != 1 {
		t.Errorf("number %d", p.GetNumber())
	}
}

func TestPetitionsAreListedByNumberInPages(t *testing.T) {
	w := newWorld(t)
	k := w.onSite()
	for n := range 12 {
		must[*casefilev1.Petition](t)(w.register(member, k, fmt.Sprint(n)))
	}
	var got []int32
	req := &casefilev1.ListPetitionsRequest{Parent: k.file, PageSize: 5}
	for {
		page := must[*casefilev1.ListPetitionsResponse](t)(w.petitions().ListPetitions(w.as(leader), req))
		for _, p := range page.GetPetitions() {
			got = append(got, p.GetNumber())
		}
		if req.PageToken = page.GetNextPageToken(); req.PageToken == "" {
			break
		}
	}
	if !slices.Equal(got, []int32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}) {
		t.Errorf("listed %v", got)
	}
}

// The other lists, in order of creation and across pages.
func TestListsAreInOrderOfCreation(t *testing.T) {
	w := newWorld(t)
	k := w.onSite()
	var want []string
	for range 3 {
		w.clock.Advance(1)
		w.clock.Advance(1000)
		want = append(want, must[*casefilev1.WorkingPaper](t)(w.draft(member, k)).GetName())
	}
	var got []string
	req := &casefilev1.ListWorkingPapersRequest{Parent: k.file, PageSize: 1}
	for {
		page := must[*casefilev1.ListWorkingPapersResponse](t)(w.papers().ListWorkingPapers(w.as(office), req))
		for _, p := range page.GetWorkingPapers() {
			got = append(got, p.GetName())
		}
		if req.PageToken = page.GetNextPageToken(); req.PageToken == "" {
			break
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("papers (-want +got):\n%s", diff)
	}
	r := w.reported(w.enter(w.authorize(sichuan, "510105", theGroup()...)))
	found := must[*casefilev1.ListInspectionReportsResponse](t)(w.reports().ListInspectionReports(w.as(chair),
		&casefilev1.ListInspectionReportsRequest{Parent: sichuan}))
	if diff := cmp.Diff([]*casefilev1.InspectionReport{r}, found.GetInspectionReports(), protocmp.Transform()); diff != "" {
		t.Errorf("reports (-want +got):\n%s", diff)
	}
	findings := must[*casefilev1.ListFindingsResponse](t)(w.findings().ListFindings(w.as(chair),
		&casefilev1.ListFindingsRequest{Parent: r.GetCaseFile()}))
	if len(findings.GetFindings()) != 1 || findings.GetFindings()[0].GetName() != r.GetFindings()[0] {
		t.Errorf("findings %v", findings)
	}
}

// Every reading of source material is entered before it leaves (domain.md §8 e).
func TestReadingsAreAudited(t *testing.T) {
	w := newWorld(t)
	k := w.onSite()
	p := must[*casefilev1.Petition](t)(w.register(member, k, "反映某某"))
	petitions := w.petitions()
	must[*casefilev1.Petition](t)(petitions.GetPetition(w.as(leader), &casefilev1.GetPetitionRequest{Name: p.GetName()}))
	must[*casefilev1.ListPetitionsResponse](t)(petitions.ListPetitions(w.as(leader), &casefilev1.ListPetitionsRequest{Parent: k.file}))
	_, err := petitions.GetPetition(w.as(otherGroup), &casefilev1.GetPetitionRequest{Name: p.GetName()})
	refused(t, err, codes.NotFound, "NOT_FOUND", "")

	entered := func(method, subject, object, outcome string) int {
		return w.count(`SELECT count(*) FROM audit_entry
WHERE method = $1 AND subject = $2 AND object = $3 AND outcome = $4 AND articles = '{8}'`,
			"/xunshi.casefile.v1.PetitionService/"+method, subject, object, outcome)
	}
	for _, e := range [][4]string{
		{"CreatePetition", "wang", p.GetName(), "OK"},
		{"GetPetition", "li", p.GetName(), "OK"},
		{"ListPetitions", "li", k.file, "OK"},
		{"GetPetition", "zhao", p.GetName(), "NOT_FOUND"},
	} {
		if n := entered(e[0], e[1], e[2], e[3]); n != 1 {
			t.Errorf("%v is entered %d times", e, n)
		}
	}
	if n := w.count("SELECT count(*) FROM audit_entry WHERE audit_entry::text LIKE '%反映某某%'"); n != 0 {
		t.Errorf("%d entries hold what a petition says", n)
	}
}
