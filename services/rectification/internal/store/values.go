package store

import (
	"time"

	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

// place is the part that every table has.
type place struct {
	Province     string
	InspectionID string
	CountyCode   string
	CityCode     string
}

func toPlace(p domain.Place) place {
	return place{Province: p.Province, InspectionID: p.Inspection, CountyCode: p.County, CityCode: p.City}
}

func (p place) domain() domain.Place {
	return domain.Place{Province: p.Province, Inspection: p.InspectionID, County: p.CountyCode, City: p.CityCode}
}

// The documents in jsonb columns. Their names are stored, so they are fixed here
// and not by the domain.
type problemDoc struct {
	Number      int32  `json:"number"`
	Description string `json:"description"`
	Suggestion  string `json:"suggestion"`
}

func toProblem(p domain.Problem) problemDoc   { return problemDoc(p) }
func fromProblem(p problemDoc) domain.Problem { return domain.Problem(p) }

type sourceDoc struct {
	Number   int32  `json:"number"`
	CaseFile string `json:"case_file"`
	Finding  string `json:"finding"`
}

func toSource(s domain.Source) sourceDoc   { return sourceDoc(s) }
func fromSource(s sourceDoc) domain.Source { return domain.Source(s) }

type warningDoc struct {
	Field       string    `json:"field"`
	Term        string    `json:"term"`
	Reason      string    `json:"reason"`
	Confirmer   string    `json:"confirmer"`
	ConfirmTime time.Time `json:"confirm_time"`
}

func toWarning(w domain.Warning) warningDoc   { return warningDoc(w) }
func fromWarning(w warningDoc) domain.Warning { return domain.Warning(w) }

type attendeeDoc struct {
	Name            string `json:"name"`
	Post            string `json:"post"`
	CityLeadingBody bool   `json:"city_leading_body"`
}

func toAttendee(a domain.Attendee) attendeeDoc   { return attendeeDoc(a) }
func fromAttendee(a attendeeDoc) domain.Attendee { return domain.Attendee(a) }

type measureDoc struct {
	Number         int32   `json:"number"`
	Problems       []int32 `json:"problems"`
	Description    string  `json:"description"`
	Owner          string  `json:"owner"`
	OwnerPost      string  `json:"owner_post"`
	Due            dayDoc  `json:"due"`
	AcceptanceTest string  `json:"acceptance_test"`
}

// dayDoc is a day as text in a document, "" where there is none yet.
type dayDoc struct{ workday.Date }

func (d dayDoc) MarshalText() ([]byte, error) {
	if d.IsZero() {
		return []byte{}, nil
	}
	return []byte(d.String()), nil
}

func (d *dayDoc) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		d.Date = workday.Date{}
		return nil
	}
	d.Date, err = workday.ParseDate(string(text))
	return err
}

func toMeasure(m domain.Measure) measureDoc {
	return measureDoc{m.Number, m.Problems, m.Description, m.Owner, m.OwnerPost, dayDoc{m.Due}, m.AcceptanceTest}
}

func fromMeasure(m measureDoc) domain.Measure {
	return domain.Measure{
		Number: m.Number, Problems: m.Problems, Description: m.Description, Owner: m.Owner, OwnerPost: m.OwnerPost,
		Due: m.Due.Date, AcceptanceTest: m.AcceptanceTest,
	}
}

type accountDoc struct {
	Number   int32            `json:"number"`
	State    domain.ItemState `json:"state"`
	Evidence string           `json:"evidence"`
}

func toAccount(a domain.Account) accountDoc   { return accountDoc(a) }
func fromAccount(a accountDoc) domain.Account { return domain.Account(a) }

type evidenceDoc struct {
	Document string    `json:"document,omitempty"`
	SHA256   string    `json:"sha256"`
	Date     *dayDoc   `json:"document_date,omitempty"`
	Title    string    `json:"title"`
	Uploaded time.Time `json:"upload_time"`
}

func toEvidence(e domain.Evidence) evidenceDoc {
	doc := evidenceDoc{Document: e.Document, SHA256: e.SHA256, Title: e.Title, Uploaded: e.Uploaded}
	if !e.Date.IsZero() {
		doc.Date = &dayDoc{e.Date}
	}
	return doc
}

func fromEvidence(doc evidenceDoc) domain.Evidence {
	e := domain.Evidence{Document: doc.Document, SHA256: doc.SHA256, Title: doc.Title, Uploaded: doc.Uploaded.UTC()}
	if doc.Date != nil {
		e.Date = doc.Date.Date
	}
	return e
}

type noticeDoc struct {
	Recipient domain.Recipient `json:"recipient"`
	Problem   string           `json:"problem"`
	Proposal  string           `json:"proposal"`
}

// toNotice gives nil for what is no notice, so that other deliveries are stored as ever.
func toNotice(n domain.Notice) *noticeDoc {
	if n == (domain.Notice{}) {
		return nil
	}
	doc := noticeDoc(n)
	return &doc
}

func fromNotice(n *noticeDoc) domain.Notice {
	if n == nil {
		return domain.Notice{}
	}
	return domain.Notice(*n)
}
