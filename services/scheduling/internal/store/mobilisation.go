package store

import (
	"time"

	"gorm.io/gorm"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/row"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/scheduling/internal/domain"
)

type mobilisationRow struct {
	Province        string `gorm:"primaryKey"`
	InspectionID    string `gorm:"primaryKey"`
	MeetingDate     row.Day
	Attendees       []attendeeDoc `gorm:"serializer:json"`
	NoCityCommittee bool
	CreateTime      time.Time
}

// TableName implements gorm's Tabler.
func (mobilisationRow) TableName() string { return "mobilisation_meeting" }

// attendeeDoc is one person in the column attendees.
type attendeeDoc struct {
	DisplayName     string `json:"name"`
	Post            string `json:"post"`
	CityLeadingBody bool   `json:"city_leading_body"`
}

// Mobilisation reads the record of the meeting of an inspection.
func Mobilisation(tx *pg.Tx, province, inspection string) (domain.MobilisationMeeting, error) {
	name := domain.MobilisationMeeting{Province: province, Inspection: inspection}.Name()
	query := gorm.G[mobilisationRow](tx.Gorm()).Where(tx.Own(pg.Columns{Inspection: "inspection_id"})).
		Where("province = ? AND inspection_id = ?", province, inspection)
	r, err := row.One(tx, query, fault.Missing(name))
	return domain.MobilisationMeeting{
		Province: r.Province, Inspection: r.InspectionID, Date: workday.Date(r.MeetingDate), NoCityCommittee: r.NoCityCommittee,
		CreateTime: r.CreateTime,
		Attendees: row.Convert(r.Attendees, func(a attendeeDoc) domain.MobilisationAttendee {
			return domain.MobilisationAttendee(a)
		}),
	}, err
}

// InsertMobilisation stores the record, once.
func InsertMobilisation(tx *pg.Tx, m domain.MobilisationMeeting) error {
	stored := mobilisationRow{
		Province: m.Province, InspectionID: m.Inspection, MeetingDate: row.Day(m.Date), NoCityCommittee: m.NoCityCommittee,
		CreateTime: m.CreateTime,
		Attendees:  row.Convert(m.Attendees, func(a domain.MobilisationAttendee) attendeeDoc { return attendeeDoc(a) }),
	}
	return row.Instead(row.Insert(tx, stored), "mobilisation_meeting_pkey",
		fault.New(fault.Exists, fault.ReasonAlreadyExists, fault.MetaArticle, "15(2)", fault.MetaName, m.Name()))
}
