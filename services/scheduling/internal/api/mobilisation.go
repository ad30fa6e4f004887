package api

import (
	"context"

	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/idempotency"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/scheduling/internal/domain"
	"github.com/xunshi/xunshi/services/scheduling/internal/store"
)

type mobilisationServer struct {
	schedulingv1.UnimplementedMobilisationMeetingServiceServer
	*core
}

// RecordMobilisationMeeting records the meeting of an inspection (arts 12(4), 15(2)).
func (s *mobilisationServer) RecordMobilisationMeeting(ctx context.Context, req *schedulingv1.RecordMobilisationMeetingRequest) (*schedulingv1.MobilisationMeeting, error) {
	name, err := s.names.mobilisation.parse("name", req.GetName())
	if err != nil {
		return nil, err
	}
	day, err := wire.Day("mobilisation_meeting.meeting_date", req.GetMobilisationMeeting().GetMeetingDate())
	if err != nil {
		return nil, err
	}
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*schedulingv1.MobilisationMeeting, error) {
		inspection, err := store.Inspection(tx, name.province, name.id)
		if fault.Is(err, fault.ReasonNotFound) {
			err = fault.Missing(req.GetName())
		}
		if err != nil {
			return nil, err
		}
		meeting, err := inspection.Mobilise(domain.MobilisationMeeting{
			Date: day, NoCityCommittee: req.GetMobilisationMeeting().GetNoCityCommittee(),
			Attendees: encodeAll(req.GetMobilisationMeeting().GetAttendees(), func(a *schedulingv1.MobilisationAttendee) domain.MobilisationAttendee {
				return domain.MobilisationAttendee{DisplayName: a.GetDisplayName(), Post: a.GetPost(), CityLeadingBody: a.GetCityLeadingBody()}
			}),
		}, s.now())
		if err != nil {
			return nil, err
		}
		if err := store.InsertMobilisation(tx, meeting); err != nil {
			return nil, err
		}
		return encodeMobilisation(meeting), nil
	})
}

// GetMobilisationMeeting reads the record (art. 15(2)).
func (s *mobilisationServer) GetMobilisationMeeting(ctx context.Context, req *schedulingv1.GetMobilisationMeetingRequest) (*schedulingv1.MobilisationMeeting, error) {
	return get(ctx, s.core, req, s.names.mobilisation, store.Mobilisation, encodeMobilisation)
}

func encodeMobilisation(m domain.MobilisationMeeting) *schedulingv1.MobilisationMeeting {
	return &schedulingv1.MobilisationMeeting{
		Name: m.Name(), MeetingDate: wire.Date(m.Date), NoCityCommittee: m.NoCityCommittee, CreateTime: wire.Time(m.CreateTime),
		Attendees: encodeAll(m.Attendees, func(a domain.MobilisationAttendee) *schedulingv1.MobilisationAttendee {
			return &schedulingv1.MobilisationAttendee{DisplayName: a.DisplayName, Post: a.Post, CityLeadingBody: a.CityLeadingBody}
		}),
	}
}
