package demo

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// onSite: entry, petition, working papers, findings, end of the stay.
func (p *play) onSite(ctx context.Context) error {
	if err := p.setDay(2012, 10, 15); err != nil {
		return err
	}
	name := p.inspection.text("name")
	entered, err := p.get(ctx, p.office, name)
	if err != nil {
		return err
	}
	if entered, err = p.post(ctx, p.office, name+":confirmEntry", entered.text("etag"), object{}); err != nil {
		return err
	}
	p.tell(p.office, "12(4)", "confirms the entry (%s)", entered.text("state"))

	file := province + "/caseFiles/" + name[strings.LastIndex(name, "/")+1:]
	if p.caseFile, err = p.await(ctx, p.leader, file, func(o object) bool { return o.date("entryDate") == "2012-10-15" }); err != nil {
		return err
	}
	petition, err := p.post(ctx, p.member, file+"/petitions", "", object{
		"channel": "CHANNEL_LETTER", "content": "反映某镇惠农补贴发放不到位。", "accusedPosts": []string{"镇党委书记"},
	})
	if err != nil {
		return err
	}
	p.tell(p.member, "8", "registers letter no. %v", petition["number"])
	if err := p.refused(ctx, p.county, http.StatusForbidden, "METHOD_NOT_GRANTED", "8",
		http.MethodGet, petition.text("name"), "", nil); err != nil {
		return err
	}
	for i, facts := range []string{"惠农补贴迟发三个月。", "干部选拔任用程序不规范。"} {
		if err := p.workingPaper(ctx, file, i+1, facts); err != nil {
			return err
		}
	}
	if _, err := p.post(ctx, p.member, petition.text("name")+":conclude", petition.text("etag"),
		object{"outcome": "OUTCOME_WORKING_PAPER"}); err != nil {
		return err
	}
	return p.leave(ctx, name)
}

// workingPaper carries one paper through its three signatures to a finding.
func (p *play) workingPaper(ctx context.Context, file string, number int, facts string) error {
	paper, err := p.post(ctx, p.member, file+"/workingPapers", "", object{"title": fmt.Sprintf("问题底稿%d", number), "facts": facts})
	if err != nil {
		return err
	}
	name := paper.text("name")
	if paper, err = p.post(ctx, p.member, name+":submit", paper.text("etag"), object{}); err != nil {
		return err
	}
	for _, reviewer := range []actor{p.leader, p.office} {
		if paper, err = p.post(ctx, reviewer, name+":review", paper.text("etag"), object{"verdict": "VERDICT_PASS"}); err != nil {
			return err
		}
	}
	if err := same("state of the paper", paper.text("state"), "STATE_PASSED"); err != nil {
		return err
	}
	if _, err := p.post(ctx, p.member, file+"/findings", "", object{
		"workingPaper": name, "description": facts, "contentCodes": []string{"C7"},
	}); err != nil {
		return err
	}
	p.tell(p.leader, "8", "working paper %d passes member, leader and office and becomes a finding", number)
	return nil
}

func (p *play) leave(ctx context.Context, name string) error {
	if err := p.setDay(2012, 11, 13); err != nil {
		return err
	}
	left, err := p.get(ctx, p.office, name)
	if err != nil {
		return err
	}
	if left, err = p.post(ctx, p.office, name+":endOnSite", left.text("etag"), object{}); err != nil {
		return err
	}
	batch, err := p.get(ctx, p.office, p.batch.text("name"))
	if err != nil {
		return err
	}
	// 30 working days after 2012-11-13, no holiday between.
	if err := same("hearing date", batch.date("hearingDue.date"), "2012-12-25"); err != nil {
		return err
	}
	p.tell(p.office, "3", "ends the stay of %s to %s", left.date("entryDate"), left.date("onSiteEndDate"))
	p.tell(p.office, "5", "the batch ended: the leading group hears the report by %s in principle", batch.date("hearingDue.date"))
	_, err = p.await(ctx, p.leader, p.caseFile.text("name"), func(o object) bool { return o.date("onSiteEndDate") == "2012-11-13" })
	return err
}

// reporting: the report and the leading group's agreement.
func (p *play) reporting(ctx context.Context) error {
	if err := p.setDay(2012, 12, 20); err != nil {
		return err
	}
	found, err := p.get(ctx, p.leader, p.caseFile.text("name")+"/findings")
	if err != nil {
		return err
	}
	var findings []string
	for _, f := range found.list("findings") {
		findings = append(findings, f.text("name"))
	}
	p.report, err = p.post(ctx, p.leader, province+"/inspectionReports", "", object{
		"caseFile": p.caseFile.text("name"), "content": "关于巡视情况的报告。", "findings": findings,
	})
	if err != nil {
		return err
	}
	name := p.report.text("name")
	if p.report, err = p.post(ctx, p.leader, name+":submit", p.report.text("etag"), object{}); err != nil {
		return err
	}
	p.tell(p.leader, "10", "signs and submits the inspection report with %d findings", len(findings))
	decision, err := p.decide(ctx, "KIND_AGREE_REPORT", name, on(2012, 12, 20))
	if err != nil {
		return err
	}
	if p.report, err = p.post(ctx, p.leadingGroup, name+":agree", p.report.text("etag"), object{"decision": decision.text("name")}); err != nil {
		return err
	}
	p.tell(p.leadingGroup, "10", "hears the report and agrees: %s", decision.text("documentNumber"))
	return p.hearing(ctx)
}

// hearing: the meeting was the hearing of the batch, in time (art. 5).
func (p *play) hearing(ctx context.Context) error {
	batch, err := p.get(ctx, p.leadingGroup, p.batch.text("name"))
	if err != nil {
		return err
	}
	batch, err = p.post(ctx, p.leadingGroup, batch.text("name")+":recordHearing", batch.text("etag"),
		object{"hearingDate": on(2012, 12, 20)})
	if err != nil {
		return err
	}
	p.tell(p.leadingGroup, "5", "records that it heard the batch on %s, due by %s", batch.date("hearingDate"), batch.date("hearingDue.date"))
	return nil
}
