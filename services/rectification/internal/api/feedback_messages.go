package api

import (
	"context"
	"fmt"

	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	"github.com/xunshi/xunshi/services/kit/etag"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

func encodeFeedback(f *domain.Feedback) *rectificationv1.Feedback {
	r := f.Record()
	province := r.Place.Province
	m := &rectificationv1.Feedback{
		Name:             feedbackName.Format(r.Place.Province, r.ID),
		Inspection:       inspectionOf(r.Place),
		InspectionReport: nameOf(reportOfGroupName, r.Place.Province, r.Report),
		County:           countyOf(r.Place),
		City:             cityOf(r.Place),
		Summary:          r.Summary,
		Problems:         mapped(r.Problems, encodeProblem),
		Warnings:         mapped(r.Warnings, encodeWarning),
		State:            encodeEnum[rectificationv1.Feedback_State](r.State, prefixState),
		Decision:         nameOf(decisionName, r.Place.Province, r.Decision),
		CityConsultation: encodeConsultation(r.Consultation),
		DocumentNumber:   r.DocumentNumber,
		Meeting:          encodeMeeting(r.Meeting),
		Rectification:    nameOf(rectificationName, r.Place.Province, r.Receipt.Rectification),
		CreateTime:       wire.Time(r.CreateTime),
		UpdateTime:       wire.Time(r.UpdateTime),
		Etag:             etag.Format(f.Edition()),
	}
	m.Supersedes, m.SupersededBy = nameOf(feedbackName, province, r.Supersedes), nameOf(feedbackName, province, r.SupersededBy)
	m.SupersedeReason = r.SupersedeReason
	m.Sources = mapped(r.Sources, func(s domain.Source) *rectificationv1.ProblemSource {
		return &rectificationv1.ProblemSource{Number: s.Number, Finding: findingName.Format(province, s.CaseFile, s.Finding)}
	})
	if !r.Receipt.Time.IsZero() {
		m.ReceiveDate = wire.Date(workday.DateOf(r.Receipt.Time))
	}
	if r.Receipt.Time.After(r.UpdateTime) {
		m.UpdateTime = wire.Time(r.Receipt.Time)
	}
	return m
}

// encodedFeedback writes one with what its rule set warns of.
func (d Deps) encodedFeedback(_ *pg.Tx, f *domain.Feedback) (*rectificationv1.Feedback, error) {
	m := encodeFeedback(f)
	r := f.Record()
	if len(r.Attended) == 0 {
		return m, nil
	}
	rules, err := d.Rules.Get(r.RuleSet)
	if err != nil {
		return nil, err
	}
	usual, err := rules.Number(regulation.FeedbackAttended)
	if err != nil {
		return nil, err
	}
	for _, a := range r.Attended {
		if a.Counties > usual {
			m.AttendanceWarnings = append(m.AttendanceWarnings, &rectificationv1.AttendanceWarning{
				DisplayName: a.Name, CountyCount: int32(a.Counties),
			})
		}
	}
	return m, nil
}

func (d Deps) encodedFeedbacks(tx *pg.Tx, all []*domain.Feedback) ([]*rectificationv1.Feedback, error) {
	var page []*rectificationv1.Feedback
	for _, f := range all {
		m, err := d.encodedFeedback(tx, f)
		if err != nil {
			return nil, err
		}
		page = append(page, m)
	}
	return page, nil
}

func encodeWarning(w domain.Warning) *rectificationv1.TextWarning {
	return &rectificationv1.TextWarning{
		Field: w.Field, Term: w.Term, Reason: w.Reason, Confirmer: w.Confirmer, ConfirmTime: wire.Time(w.ConfirmTime),
	}
}

// decodeFeedbackText takes no source but findings of the caller's province: a letter, a
// lead or a working paper has another name (art. 11).
func decodeFeedbackText(ctx context.Context, m *rectificationv1.Feedback) (domain.FeedbackText, error) {
	text := domain.FeedbackText{Summary: m.GetSummary(), Problems: mapped(m.GetProblems(), decodeProblem)}
	for _, s := range m.GetSources() {
		ids, err := parse(ctx, findingName, "feedback.sources", s.GetFinding())
		if err != nil {
			return text, domain.NoSource(s.GetNumber())
		}
		text.Sources = append(text.Sources, domain.Source{
			Number: s.GetNumber(), CaseFile: ids["case_file"], Finding: ids["finding"],
		})
	}
	return text, nil
}

func encodeProblem(p domain.Problem) *rectificationv1.Problem {
	return &rectificationv1.Problem{Number: p.Number, Description: p.Description, Suggestion: p.Suggestion}
}

func decodeProblem(m *rectificationv1.Problem) domain.Problem {
	return domain.Problem{Number: m.GetNumber(), Description: m.GetDescription(), Suggestion: m.GetSuggestion()}
}

func encodeConsultation(c domain.Consultation) *rectificationv1.CityConsultation {
	if c == (domain.Consultation{}) {
		return nil
	}
	return &rectificationv1.CityConsultation{
		ConsultDate: wire.Date(c.Date), Opinion: c.Opinion, Dissent: c.Dissent,
		NotApplicableReason: encodeEnum[rectificationv1.NotApplicableReason](c.NotApplicable, prefixNotApplicable),
		Form:                encodeEnum[rectificationv1.CityConsultation_Form](c.Form, prefixForm), Record: c.Record,
	}
}

func decodeConsultation(m *rectificationv1.CityConsultation) (domain.Consultation, error) {
	day, err := wire.OptionalDay("city_consultation.consult_date", m.GetConsultDate())
	return domain.Consultation{
		Date: day, Opinion: m.GetOpinion(), Dissent: m.GetDissent(),
		NotApplicable: decodeEnum[domain.NotApplicable](m.GetNotApplicableReason(), prefixNotApplicable),
		Form:          decodeEnum[domain.ConsultationForm](m.GetForm(), prefixForm), Record: m.GetRecord(),
	}, err
}

func encodeMeeting(m domain.Meeting) *rectificationv1.FeedbackMeeting {
	if m.Date.IsZero() {
		return nil
	}
	return &rectificationv1.FeedbackMeeting{
		MeetingDate:         wire.Date(m.Date),
		NotApplicableReason: encodeEnum[rectificationv1.NotApplicableReason](m.NotApplicable, prefixNotApplicable),
		PrincipalDate:       wire.Date(m.PrincipalDate),
		Attendees: mapped(m.Attendees, func(a domain.Attendee) *rectificationv1.Attendee {
			return &rectificationv1.Attendee{DisplayName: a.Name, Post: a.Post, CityLeadingBody: a.CityLeadingBody}
		}),
	}
}

func decodeMeeting(m *rectificationv1.FeedbackMeeting) (domain.Meeting, error) {
	day, err := wire.OptionalDay("meeting.meeting_date", m.GetMeetingDate())
	if err != nil {
		return domain.Meeting{}, err
	}
	told, err := wire.OptionalDay("meeting.principal_date", m.GetPrincipalDate())
	return domain.Meeting{
		Date: day, PrincipalDate: told,
		NotApplicable: decodeEnum[domain.NotApplicable](m.GetNotApplicableReason(), prefixNotApplicable),
		Attendees: mapped(m.GetAttendees(), func(a *rectificationv1.Attendee) domain.Attendee {
			return domain.Attendee{Name: a.GetDisplayName(), Post: a.GetPost(), CityLeadingBody: a.GetCityLeadingBody()}
		}),
	}, err
}

func encodeMeasure(m domain.Measure) *rectificationv1.Measure {
	return &rectificationv1.Measure{
		Number: m.Number, ProblemNumbers: m.Problems, Description: m.Description, Owner: m.Owner, DueDate: wire.Date(m.Due),
		OwnerPost: m.OwnerPost, AcceptanceTest: m.AcceptanceTest,
	}
}

func decodeMeasures(field string, in []*rectificationv1.Measure) ([]domain.Measure, error) {
	out := make([]domain.Measure, len(in))
	for i, m := range in {
		due, err := wire.OptionalDay(fmt.Sprintf("%s[%d].due_date", field, i), m.GetDueDate())
		if err != nil {
			return nil, err
		}
		out[i] = domain.Measure{
			Number: m.GetNumber(), Problems: m.GetProblemNumbers(), Description: m.GetDescription(), Owner: m.GetOwner(), Due: due,
			OwnerPost: m.GetOwnerPost(), AcceptanceTest: m.GetAcceptanceTest(),
		}
	}
	return out, nil
}

func encodeAccount(a domain.Account) *rectificationv1.ItemAccount {
	return &rectificationv1.ItemAccount{
		Number: a.Number, State: encodeEnum[rectificationv1.RectificationItem_State](a.State, prefixState), Evidence: a.Evidence,
	}
}

func decodeAccount(m *rectificationv1.ItemAccount) domain.Account {
	return domain.Account{
		Number: m.GetNumber(), State: decodeEnum[domain.ItemState](m.GetState(), prefixState), Evidence: m.GetEvidence(),
	}
}
