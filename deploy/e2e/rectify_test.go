package e2e_test

import (
	"fmt"
	"testing"
	"time"

	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
)

// receive has the county sign for the feedback.
func (l *life) receive(t *testing.T) {
	county := as(t, "clerk", "COUNTY_COMMITTEE", l.county)
	deliveries := rectificationv1.NewDeliveryServiceClient(conn(t, "rectification"))
	for _, d := range must[*rectificationv1.ListDeliveriesResponse](t)(deliveries.ListDeliveries(county, &rectificationv1.ListDeliveriesRequest{Parent: sichuan})).Deliveries {
		if d.Kind != rectificationv1.Delivery_KIND_FEEDBACK {
			continue
		}
		d = must[*rectificationv1.Delivery](t)(deliveries.AcknowledgeDelivery(county, &rectificationv1.AcknowledgeDeliveryRequest{Name: d.Name, Receiver: "主任", Etag: d.Etag, RequestId: rid()}))
		l.delivery, l.rectification = d.Name, d.Rectification
	}
	l.document = l.handIn(t)
}

// copy hands the feedback to the city.
func (l *life) copy(t *testing.T) {
	office := as(t, "office", "INSPECTION_OFFICE", sichuan)
	feedbacks := rectificationv1.NewFeedbackServiceClient(conn(t, "rectification"))
	fb := must[*rectificationv1.Feedback](t)(feedbacks.GetFeedback(office, &rectificationv1.GetFeedbackRequest{Name: l.feedback}))
	must[*rectificationv1.Feedback](t)(feedbacks.CopyFeedbackToCity(office, &rectificationv1.CopyFeedbackToCityRequest{Name: fb.Name, Etag: fb.Etag, RequestId: rid()}))
}

// rectify takes the county's part up to items being worked on.
func (l *life) rectify(t *testing.T) {
	office, leader := as(t, "office", "INSPECTION_OFFICE", sichuan), as(t, l.leader, "INSPECTION_GROUP", sichuan)
	county, lg := as(t, "clerk", "COUNTY_COMMITTEE", l.county), as(t, "lg", "LEADING_GROUP", sichuan)
	r := conn(t, "rectification")
	deliveries := rectificationv1.NewDeliveryServiceClient(r)
	l.copy(t)

	l.cityWorks(t)

	// Five working days before plan and hearing are due, everybody is reminded.
	setDay(t, 2012, time.December, 18)
	l.obligation = l.reminded(t, "rectification", "clerk", "COUNTY_COMMITTEE", l.county, l.rectification)
	l.reminded(t, "rectification", "clerk", "CITY_COMMITTEE", l.city, l.rectification)
	l.reminded(t, "scheduling", "office", "INSPECTION_OFFICE", sichuan, l.batch)
	l.reminded(t, "scheduling", "lg", "LEADING_GROUP", sichuan, l.batch)

	plans := rectificationv1.NewRectificationPlanServiceClient(r)
	plan := l.draftPlan(t)
	name := plan.Name
	plan = must[*rectificationv1.RectificationPlan](t)(plans.SubmitRectificationPlan(county, &rectificationv1.SubmitRectificationPlanRequest{Name: name, Signer: "王", SignerPost: "县委书记", TruthfulnessCommitment: true, Etag: plan.Etag, RequestId: rid()}))
	l.planVersion = must[*rectificationv1.ListRectificationPlanVersionsResponse](t)(rectificationv1.NewRectificationPlanVersionServiceClient(r).ListRectificationPlanVersions(county,
		&rectificationv1.ListRectificationPlanVersionsRequest{Parent: name})).RectificationPlanVersions[0].Name
	plan = must[*rectificationv1.RectificationPlan](t)(plans.ReviewRectificationPlan(leader, &rectificationv1.ReviewRectificationPlanRequest{Name: name, Verdict: rectificationv1.Verdict_VERDICT_PASS, Etag: plan.Etag, RequestId: rid()}))
	plan = must[*rectificationv1.RectificationPlan](t)(plans.ForwardRectificationPlan(office, &rectificationv1.ForwardRectificationPlanRequest{Name: name, Etag: plan.Etag, RequestId: rid()}))
	must[*rectificationv1.RectificationPlan](t)(plans.ReceiveRectificationPlan(lg, &rectificationv1.ReceiveRectificationPlanRequest{Name: name, Etag: plan.Etag, RequestId: rid()}))
	items := must[*rectificationv1.ListRectificationItemsResponse](t)(rectificationv1.NewRectificationItemServiceClient(r).ListRectificationItems(county,
		&rectificationv1.ListRectificationItemsRequest{Parent: l.rectification}))
	l.item = items.RectificationItems[0].Name

	reports := rectificationv1.NewRectificationReportServiceClient(r)
	name = l.rectification + "/report"
	report := must[*rectificationv1.RectificationReport](t)(reports.GetRectificationReport(county, &rectificationv1.GetRectificationReportRequest{Name: name}))
	report = must[*rectificationv1.RectificationReport](t)(reports.UpdateRectificationReport(county, &rectificationv1.UpdateRectificationReportRequest{Etag: report.Etag, RequestId: rid(),
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"accounts"}},
		RectificationReport: &rectificationv1.RectificationReport{Name: name, Accounts: []*rectificationv1.ItemAccount{
			{Number: 1, State: rectificationv1.RectificationItem_STATE_IN_PROGRESS, Evidence: "证据"}}}}))
	must[*rectificationv1.RectificationReport](t)(reports.SubmitRectificationReport(county, &rectificationv1.SubmitRectificationReportRequest{Name: name, Signer: "王", SignerPost: "县委书记", TruthfulnessCommitment: true, Etag: report.Etag, RequestId: rid()}))
	l.reportVersion = must[*rectificationv1.ListRectificationReportVersionsResponse](t)(rectificationv1.NewRectificationReportVersionServiceClient(r).ListRectificationReportVersions(county,
		&rectificationv1.ListRectificationReportVersionsRequest{Parent: name})).RectificationReportVersions[0].Name
	l.review(t)
	city := as(t, "clerk", "CITY_COMMITTEE", l.city)
	for _, d := range must[*rectificationv1.ListDeliveriesResponse](t)(deliveries.ListDeliveries(city, &rectificationv1.ListDeliveriesRequest{Parent: sichuan})).Deliveries {
		if d.County == l.county {
			l.cityDelivery = d.Name
		}
	}
}

func (l *life) draftPlan(t *testing.T) *rectificationv1.RectificationPlan {
	county, name := as(t, "clerk", "COUNTY_COMMITTEE", l.county), l.rectification+"/plan"
	plans := rectificationv1.NewRectificationPlanServiceClient(conn(t, "rectification"))
	plan := must[*rectificationv1.RectificationPlan](t)(plans.GetRectificationPlan(county, &rectificationv1.GetRectificationPlanRequest{Name: name}))
	return must[*rectificationv1.RectificationPlan](t)(plans.UpdateRectificationPlan(county, &rectificationv1.UpdateRectificationPlanRequest{Etag: plan.Etag, RequestId: rid(),
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"measures"}},
		RectificationPlan: &rectificationv1.RectificationPlan{Name: name, Measures: []*rectificationv1.Measure{
			{Number: 1, ProblemNumbers: []int32{1}, Description: l.says("措施"), Owner: "李", OwnerPost: "副县长", DueDate: day(2013, 6, 30), AcceptanceTest: "验收"}}}}))
}

// review invites the two organs of the city to review the report.
func (l *life) review(t *testing.T) {
	l.reviews = map[string]string{}
	for party, body := range map[string]rectificationv1.RectificationReview_Reviewer{
		"DISCIPLINE_ORGAN":        rectificationv1.RectificationReview_REVIEWER_DISCIPLINE_ORGAN,
		"ORGANIZATION_DEPARTMENT": rectificationv1.RectificationReview_REVIEWER_ORGANIZATION_DEPARTMENT,
	} {
		l.reviews[party] = must[*rectificationv1.RectificationReview](t)(rectificationv1.NewRectificationReviewServiceClient(conn(t, "rectification")).CreateRectificationReview(
			as(t, l.leader, "INSPECTION_GROUP", sichuan), &rectificationv1.CreateRectificationReviewRequest{Parent: l.rectification, RequestId: rid(),
				RectificationReview: &rectificationv1.RectificationReview{Document: rectificationv1.RectificationReview_DOCUMENT_REPORT, Reviewer: body, OfCity: true}})).Name
	}
}

// reminded waits until a body has a notification about the subject, notes it, and
// gives the obligation that it is of.
func (l *life) reminded(t *testing.T, service, person, party, area, subject string) (obligation string) {
	t.Helper()
	inbox := obligationv1.NewNotificationServiceClient(conn(t, service))
	eventually(t, func() error {
		for token := ""; ; {
			found, err := inbox.ListNotifications(as(t, person, party, area),
				&obligationv1.ListNotificationsRequest{Parent: sichuan, PageSize: 200, PageToken: token})
			if err != nil {
				return err
			}
			for _, n := range found.Notifications {
				if n.Subject == subject {
					l.notifications[party], obligation = n.Name, n.Obligation
					return nil
				}
			}
			if token = found.NextPageToken; token == "" {
				return fmt.Errorf("%s is not reminded of %s", party, subject)
			}
		}
	})
	return obligation
}
