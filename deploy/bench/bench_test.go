package bench

import (
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/type/date"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"

	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/policy"
	"github.com/xunshi/xunshi/services/kit/principal"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// BenchmarkLatestNotice counts ten working days back from an entry after the
// National Day holiday (art. 12(2)).
func BenchmarkLatestNotice(b *testing.B) {
	calendar, err := workday.National()
	if err != nil {
		b.Fatal(err)
	}
	entry := workday.NewDate(2012, time.October, 15)
	b.ReportAllocs()
	for b.Loop() {
		if r := calendar.LatestNotice("51", entry, 10, workday.CivilCode()); !r.Date.Before(entry) {
			b.Fatal("the notice is not ahead of the entry")
		}
	}
}

// BenchmarkAddMonths counts the six months of a rectification report (art. 17).
func BenchmarkAddMonths(b *testing.B) {
	calendar, err := workday.National()
	if err != nil {
		b.Fatal(err)
	}
	start := workday.NewDate(2012, time.December, 31)
	b.ReportAllocs()
	for b.Loop() {
		if r := calendar.AddMonths("51", start, 6, workday.CivilCode()); !r.Date.After(start) {
			b.Fatal("the period does not end after its start")
		}
	}
}

// BenchmarkDecide judges a call that is granted and one that is not.
func BenchmarkDecide(b *testing.B) {
	table, err := policy.Load(service(b, schedulingv1.File_xunshi_scheduling_v1_inspection_service_proto, "InspectionService"))
	if err != nil {
		b.Fatal(err)
	}
	rule, ok := table.Rule(schedulingv1.InspectionService_GetInspection_FullMethodName)
	if !ok {
		b.Fatal("GetInspection has no rule")
	}
	request := &schedulingv1.GetInspectionRequest{Name: "provinces/51/inspections/01970000-0000-7000-8000-000000000001"}
	for _, tt := range []struct {
		name    string
		who     principal.Principal
		granted bool
	}{
		{"granted", principal.Principal{Subject: "o", Party: principal.InspectionOffice, Province: "51"}, true},
		{"denied", principal.Principal{Subject: "c", Party: principal.CountyCommittee, Province: "51", County: "510104"}, false},
	} {
		b.Run(tt.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := rule.Decide(tt.who, request); (err == nil) != tt.granted {
					b.Fatalf("got %v", err)
				}
			}
		})
	}
}

// BenchmarkJSON writes and reads a resource as the REST edge does.
func BenchmarkJSON(b *testing.B) {
	inspection := &schedulingv1.Inspection{
		Name:             "provinces/51/inspections/01970000-0000-7000-8000-000000000001",
		Batch:            "provinces/51/batches/01970000-0000-7000-8000-000000000002",
		County:           "provinces/51/counties/510104",
		City:             "provinces/51/cities/510100",
		State:            schedulingv1.Inspection_STATE_PLANNED,
		PlannedEntryDate: &date.Date{Year: 2012, Month: 10, Day: 15},
		PlannedEndDate:   &date.Date{Year: 2012, Month: 11, Day: 14},
		Etag:             `"1"`,
	}
	write := protojson.MarshalOptions{EmitDefaultValues: true}
	text, err := write.Marshal(inspection)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("write", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if out, err := write.Marshal(inspection); err != nil || len(out) == 0 {
				b.Fatalf("%d bytes, %v", len(out), err)
			}
		}
	})
	b.Run("read", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var got schedulingv1.Inspection
			if err := protojson.Unmarshal(text, &got); err != nil || got.GetName() != inspection.GetName() {
				b.Fatalf("%v", err)
			}
		}
	})
}

func service(b *testing.B, file protoreflect.FileDescriptor, name protoreflect.Name) protoreflect.ServiceDescriptor {
	b.Helper()
	s := file.Services().ByName(name)
	if s == nil {
		b.Fatalf("%s has no service %s", file.Path(), name)
	}
	return s
}
