package domain

import (
	"time"

	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// Signature is the county secretary's, who is the first to answer (第一责任人).
type Signature struct {
	Name, Post string
	Truthful   bool // answers for the truth of it (真实性承诺)
}

// Version is one submission of a plan or a report as it was signed; it never changes.
type Version struct {
	ID            string
	Rectification string
	Place         Place
	Signature     Signature
	SubmitTime    time.Time
	SubmitDate    workday.Date // the day that counts
	Content       Content
}

// Version is the submission that was just made.
func (p *Plan) Version(id string) Version {
	return p.r.version(id, Content{Measures: p.r.Measures})
}

// Version is the submission that was just made.
func (r *Report) Version(id string) Version {
	return r.r.version(id, Content{Accounts: r.r.Accounts})
}

func (s *Submission) version(id string, content Content) Version {
	content.Submission = s.Count
	return Version{
		ID: id, Rectification: s.Rectification, Place: s.Place, Signature: s.Signature,
		SubmitTime: s.SubmitTime, SubmitDate: s.SubmitDate, Content: content,
	}
}

// dayThatCounts is the legal day of an act: any day, also a day off, and on the stroke of
// the cut-off still the day that ends (以内包括本数; domain.md §5.1).
func dayThatCounts(at obligation.Moment) (workday.Date, error) {
	v, err := at.Rules.Convention()
	if err != nil {
		return workday.Date{}, err
	}
	today := at.Today()
	switch before := today.AddDays(-1); {
	case !at.Now.After(v.End(before)):
		return before, nil
	case at.Now.After(v.End(today)):
		return today.AddDays(1), nil
	default:
		return today, nil
	}
}
