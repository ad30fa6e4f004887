package api

import (
	casefilev1 "github.com/xunshi/xunshi/gen/go/xunshi/casefile/v1"
	"github.com/xunshi/xunshi/services/casefile/internal/domain"
	"github.com/xunshi/xunshi/services/kit/etag"
	"github.com/xunshi/xunshi/services/kit/wire"
)

func encodeCaseFile(c *domain.CaseFile) *casefilev1.CaseFile {
	r := c.Record()
	members := make([]*casefilev1.CaseFileMember, 0, len(r.Members))
	for _, m := range r.Members {
		members = append(members, &casefilev1.CaseFileMember{
			Subject: m.Subject, DisplayName: m.DisplayName, Leader: m.Leader,
		})
	}
	return &casefilev1.CaseFile{
		Name:              r.Name(),
		Inspection:        domain.InspectionName(r.Province, r.ID),
		County:            domain.CountyName(r.Province, r.County),
		CountyDisplayName: r.CountyDisplayName,
		RuleSet:           r.RuleSet,
		Members:           members,
		EntryDate:         wire.Date(r.EntryDate),
		OnSiteEndDate:     wire.Date(r.OnSiteEndDate),
		CreateTime:        wire.Time(r.CreateTime),
		UpdateTime:        wire.Time(r.UpdateTime),
		Etag:              etag.Format(r.Version),
	}
}

func encodePetition(p *domain.Petition) *casefilev1.Petition {
	r := p.Record()
	return &casefilev1.Petition{
		Name:         r.PetitionName(),
		Number:       r.Number,
		Channel:      casefilev1.Petition_Channel(casefilev1.Petition_Channel_value["CHANNEL_"+string(r.Channel)]),
		RealName:     r.RealName,
		Content:      r.Content,
		AccusedPosts: r.AccusedPosts,
		State:        casefilev1.Petition_State(casefilev1.Petition_State_value["STATE_"+string(r.State)]),
		Outcome:      casefilev1.Petition_Outcome(casefilev1.Petition_Outcome_value["OUTCOME_"+string(r.Outcome)]),
		CreateTime:   wire.Time(r.CreateTime),
		Etag:         etag.Format(r.Version),
	}
}

func encodePaper(p *domain.Paper) *casefilev1.WorkingPaper {
	r := p.Record()
	return &casefilev1.WorkingPaper{
		Name:           r.PaperName(),
		Title:          r.Title,
		Facts:          r.Facts,
		State:          casefilev1.WorkingPaper_State(casefilev1.WorkingPaper_State_value["STATE_"+string(r.State)]),
		Author:         r.Author,
		ReviewOpinion:  r.ReviewOpinion,
		WithdrawReason: r.WithdrawReason,
		CreateTime:     wire.Time(r.CreateTime),
		UpdateTime:     wire.Time(r.UpdateTime),
		Etag:           etag.Format(r.Version),
	}
}

func encodeFinding(f *domain.Finding) *casefilev1.Finding {
	r := f.Record()
	paper := domain.Key{Province: r.Province, CaseFile: r.CaseFile, ID: r.Paper}
	return &casefilev1.Finding{
		Name:         r.FindingName(),
		WorkingPaper: paper.PaperName(),
		Description:  r.Description,
		ContentCodes: r.ContentCodes,
		CreateTime:   wire.Time(r.CreateTime),
	}
}

func encodeReport(report *domain.Report) *casefilev1.InspectionReport {
	r := report.Record()
	names := make([]string, 0, len(r.Findings))
	for _, id := range r.Findings {
		names = append(names, domain.Key{Province: r.Province, CaseFile: r.CaseFile, ID: id}.FindingName())
	}
	return &casefilev1.InspectionReport{
		Name:          r.Name(),
		CaseFile:      domain.CaseFileName(r.Province, r.CaseFile),
		Content:       r.Content,
		Findings:      names,
		State:         casefilev1.InspectionReport_State(casefilev1.InspectionReport_State_value["STATE_"+string(r.State)]),
		Decision:      domain.DecisionName(r.Province, r.Decision),
		ReturnOpinion: r.ReturnOpinion,
		CreateTime:    wire.Time(r.CreateTime),
		UpdateTime:    wire.Time(r.UpdateTime),
		Etag:          etag.Format(r.Version),
	}
}
