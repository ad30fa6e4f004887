package docketserver

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
	"github.com/xunshi/xunshi/services/kit/audit"
	"github.com/xunshi/xunshi/services/kit/docket"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/page"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/resourcename"
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// obligations answers ObligationService.
type obligations struct {
	obligationv1.UnimplementedObligationServiceServer
	Deps
}

// GetObligation reads an obligation.
func (s *obligations) GetObligation(ctx context.Context, req *obligationv1.GetObligationRequest) (*obligationv1.Obligation, error) {
	name, err := s.parseObligation(req.GetName())
	if err != nil {
		return nil, err
	}
	at, err := s.instant(req.GetAsOfTime())
	if err != nil {
		return nil, err
	}
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (*obligationv1.Obligation, error) {
		o, err := s.get(tx, name.id, at)
		if err != nil {
			return nil, named(err, req.GetName())
		}
		return s.reader(tx, at).obligation(o)
	})
}

func (d Deps) get(tx *pg.Tx, id string, at *time.Time) (*obligation.Obligation, error) {
	if at != nil {
		return d.Docket.GetAsOf(tx, id, *at)
	}
	return d.Docket.Get(tx, id)
}

// reader encodes what one transaction reads, as of one instant. It keeps the
// calendars that it has looked up: a page has few versions.
type reader struct {
	Deps
	tx        *pg.Tx
	at        *time.Time // nil: now
	calendars map[string]*workday.Calendar
}

func (d Deps) reader(tx *pg.Tx, at *time.Time) *reader {
	return &reader{Deps: d, tx: tx, at: at, calendars: make(map[string]*workday.Calendar)}
}

func (r *reader) obligation(o *obligation.Obligation) (*obligationv1.Obligation, error) {
	all, err := r.obligations([]*obligation.Obligation{o})
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// obligations encodes a page. When an inspection was authorised, and how often its plan
// changed, is nothing to those who learn of it by the notice (arts 5, 12).
func (r *reader) obligations(page []*obligation.Obligation) ([]*obligationv1.Obligation, error) {
	known, err := r.Docket.KnownSince(r.tx, page)
	if err != nil {
		return nil, err
	}
	out := make([]*obligationv1.Obligation, 0, len(page))
	for _, o := range page {
		if since, late := known[o.Record().ID]; late {
			o = since.Of(o)
		}
		moment, err := r.moment(o)
		if err != nil {
			return nil, err
		}
		encoded, err := r.encode(moment, o)
		if err != nil {
			return nil, err
		}
		out = append(out, encoded)
	}
	return out, nil
}

// moment has the calendar and the rules by which the obligation's date was set,
// and the time of the question.
func (r *reader) moment(o *obligation.Obligation) (m obligation.Moment, err error) {
	record := o.Record()
	if m.Calendar = r.calendars[record.Calendar]; m.Calendar == nil {
		// Of a version that is not known the ledger is that of the present calendar; the
		// date itself is the stored one.
		if m.Calendar, _, err = r.Docket.CalendarOf(r.tx, record.Calendar); err != nil {
			return m, err
		}
		r.calendars[record.Calendar] = m.Calendar
	}
	m.Now = r.Clock.Now()
	if r.at != nil {
		m.Now = *r.at
	}
	m.Rules, err = r.Book.Get(record.RuleSet)
	return m, err
}

// ListObligations lists obligations by the date that stands.
func (s *obligations) ListObligations(ctx context.Context, req *obligationv1.ListObligationsRequest) (*obligationv1.ListObligationsResponse, error) {
	province, err := parseProvince(req.GetParent())
	if err != nil {
		return nil, err
	}
	condition, err := obligationFilters(province).Compile(req.GetFilter())
	if err != nil {
		return nil, err
	}
	at, err := s.instant(req.GetAsOfTime())
	if err != nil {
		return nil, err
	}
	size, err := page.Size(req.GetPageSize())
	if err != nil {
		return nil, err
	}
	cursor, err := s.Pager.Parse(ctx, req)
	if err != nil {
		return nil, err
	}
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (*obligationv1.ListObligationsResponse, error) {
		found, err := s.Docket.List(tx, docket.Query{Filter: condition, Cursor: cursor, Size: size, AsOf: at})
		if err != nil {
			return nil, err
		}
		found, more := page.Cut(found, size)
		answer := &obligationv1.ListObligationsResponse{}
		if answer.Obligations, err = s.reader(tx, at).obligations(found); err != nil {
			return nil, err
		}
		for _, o := range found {
			r := o.Record()
			token, err := s.Pager.Next(ctx, req, r.ID, r.Due.String())
			if err != nil {
				return nil, err
			}
			answer.ContinueTokens = append(answer.ContinueTokens, token)
		}
		if more {
			answer.NextPageToken = answer.ContinueTokens[len(found)-1]
		}
		return answer, nil
	})
}

// ExplainObligation counts the date again and shows every day and the history.
func (s *obligations) ExplainObligation(ctx context.Context, req *obligationv1.ExplainObligationRequest) (*obligationv1.ObligationExplanation, error) {
	name, err := s.parseObligation(req.GetName())
	if err != nil {
		return nil, err
	}
	at, err := s.instant(req.GetAsOfTime())
	if err != nil {
		return nil, err
	}
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (*obligationv1.ObligationExplanation, error) {
		o, err := s.get(tx, name.id, at)
		if err != nil {
			return nil, named(err, req.GetName())
		}
		return s.explain(tx, o, at)
	})
}

func (s *obligations) explain(tx *pg.Tx, o *obligation.Obligation, at *time.Time) (*obligationv1.ObligationExplanation, error) {
	reader := s.reader(tx, at)
	moment, err := reader.moment(o)
	if err != nil {
		return nil, err
	}
	encoded, err := reader.obligation(o)
	if err != nil {
		return nil, err
	}
	count, err := o.Count(moment)
	if err != nil {
		return nil, err
	}
	r := o.Record()
	if count.Date != r.Computed {
		cause := fmt.Errorf("obligation %s is stored with %s and counts to %s by %s", r.ID, r.Computed, count.Date, r.Calendar)
		return nil, fault.New(fault.Internal, fault.ReasonInternal).Wrap(cause)
	}
	changes, err := s.Docket.Changes(tx, r.ID, at)
	if err != nil {
		return nil, err
	}
	answer := &obligationv1.ObligationExplanation{Obligation: encoded, Count: int32(count.Count), Unit: string(count.Unit)}
	for _, day := range count.Days {
		answer.Days = append(answer.Days, CountedDay(moment.Calendar, day))
	}
	first := 1 // of what the caller knows; the inside knows all
	if !tx.Principal().Inside() {
		first = changes[0].Sequence
	}
	for _, c := range changes {
		c.Sequence -= first - 1
		answer.Changes = append(answer.Changes, s.encodeChange(c))
	}
	return answer, nil
}

// SummarizeCompliance counts how the duties of each article were kept.
func (s *obligations) SummarizeCompliance(ctx context.Context, req *obligationv1.SummarizeComplianceRequest) (*obligationv1.SummarizeComplianceResponse, error) {
	q, err := s.complianceQuery(req)
	if err != nil {
		return nil, err
	}
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (*obligationv1.SummarizeComplianceResponse, error) {
		counted, err := s.Docket.Compliance(tx, q)
		if err != nil {
			return nil, err
		}
		asOf := req.GetAsOfTime()
		if asOf == nil {
			asOf = timestamppb.New(s.Clock.Now())
		}
		answer := &obligationv1.SummarizeComplianceResponse{AsOfTime: asOf}
		for _, c := range counted {
			answer.Compliances = append(answer.Compliances, &obligationv1.Compliance{
				Article:  c.Article,
				Duty:     obligationv1.Obligation_Duty(obligationv1.Obligation_Duty_value["DUTY_"+string(c.Duty)]),
				DueCount: int32(c.Due), KeptCount: int32(c.Kept), LateCount: int32(c.Late),
				OpenCount: int32(c.Open), OverdueCount: int32(c.Overdue),
			})
		}
		return answer, nil
	})
}

func (s *obligations) complianceQuery(req *obligationv1.SummarizeComplianceRequest) (q docket.ComplianceQuery, err error) {
	province, err := parseProvince(req.GetParent())
	if err != nil {
		return q, err
	}
	if req.GetTerm() != "" {
		return q, fault.InvalidField("term", "TERM_UNKNOWN", "the edge knows terms; give the dates of the term")
	}
	if q.City, q.County, err = area(province, req.GetJurisdiction()); err != nil {
		return q, err
	}
	if q.From, err = wire.OptionalDay("start_date", req.GetStartDate()); err != nil {
		return q, err
	}
	if q.To, err = wire.OptionalDay("end_date", req.GetEndDate()); err != nil {
		return q, err
	}
	if !q.To.IsZero() && q.To.Before(q.From) {
		return q, fault.InvalidField("end_date", "DATE_INVALID", "is before start_date")
	}
	q.AsOf, err = s.instant(req.GetAsOfTime())
	return q, err
}

// area reads a city or county of the province; empty, or the province, is all of it.
func area(province, name string) (city, county string, err error) {
	if name == "" || name == "provinces/"+province {
		return "", "", nil
	}
	for _, pattern := range []string{"provinces/{province}/cities/{city}", "provinces/{province}/counties/{county}"} {
		values, err := resourcename.Must(pattern).Parse(name)
		if err == nil && values["province"] == province {
			return values["city"], values["county"], nil
		}
	}
	return "", "", fault.InvalidField("jurisdiction", fault.ReasonNameInvalid, "must be a city or county of the province")
}
