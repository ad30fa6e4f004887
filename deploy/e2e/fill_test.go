package e2e_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"

	documentv1 "github.com/xunshi/xunshi/gen/go/xunshi/document/v1"
	regulationv1 "github.com/xunshi/xunshi/gen/go/xunshi/regulation/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
)

// methods gives every method of the three services.
func methods() []protoreflect.MethodDescriptor {
	var all []protoreflect.MethodDescriptor
	protoregistry.GlobalFiles.RangeFiles(func(f protoreflect.FileDescriptor) bool {
		if !strings.HasPrefix(string(f.Package()), "xunshi.") {
			return true
		}
		for i := range f.Services().Len() {
			for j := range f.Services().Get(i).Methods().Len() {
				all = append(all, f.Services().Get(i).Methods().Get(j))
			}
		}
		return true
	})
	return all
}

// full is the method as the matrix names it: package.Service/Method.
func full(m protoreflect.MethodDescriptor) string {
	return fmt.Sprintf("%s/%s", m.Parent().FullName(), m.Name())
}

var namePattern = regexp.MustCompile(`\{([a-z_.]+)=([^}]*)\}`)

// addressed gives the field that names the object of a method and the pattern
// that the name has.
func addressed(m protoreflect.MethodDescriptor) (field, pattern string) {
	rule, _ := proto.GetExtension(m.Options(), annotations.E_Http).(*annotations.HttpRule)
	upload, _ := proto.GetExtension(m.Options(), documentv1.E_UploadPath).(string)
	for _, path := range []string{rule.GetGet(), rule.GetPost(), rule.GetPatch(), upload} {
		if found := namePattern.FindStringSubmatch(path); found != nil {
			return found[1], found[2]
		}
	}
	if m.Name() == "PreviewRecomputation" {
		return "parent", "provinces/*"
	}
	return "name", "provinces/*/inspectionReports/*" // CheckReportAgreement
}

// objects gives the names of a life by the pattern of their type.
func (l *life) objects() map[string]string {
	return map[string]string{
		"provinces/*": sichuan, "provinces/*/counties/*": l.county, "provinces/*/terms/*": l.term,
		"provinces/*/inspectionGroups/*": l.group, "provinces/*/decisions/*": l.decision,
		"provinces/*/batches/*": l.batch, "provinces/*/inspections/*": l.inspection,
		"provinces/*/inspections/*/mobilisationMeeting": l.inspection + "/mobilisationMeeting",
		"provinces/*/liaisonBodies/*":                   l.liaisonBody, "provinces/*/liaisonTasks/*": l.liaisonTask,
		"provinces/*/rectifications/*/cityGuidances/*": l.guidance, "provinces/*/rectifications/*/cityMeasures/*": l.measure,
		"provinces/*/entryNotices/*": l.notice, "provinces/*/briefings/*": l.briefing,
		"provinces/*/caseFiles/*": l.caseFile, "provinces/*/caseFiles/*/petitions/*": l.petition,
		"provinces/*/caseFiles/*/workingPapers/*": l.paper, "provinces/*/caseFiles/*/findings/*": l.finding,
		"provinces/*/inspectionReports/*": l.report, "provinces/*/feedbacks/*": l.feedback,
		"provinces/*/deliveries/*": l.delivery, "provinces/*/rectifications/*": l.rectification,
		"provinces/*/rectifications/*/plan": l.rectification + "/plan", "provinces/*/rectifications/*/report": l.rectification + "/report",
		"provinces/*/rectifications/*/plan/versions/*": l.planVersion, "provinces/*/rectifications/*/lists": l.rectification + "/lists",
		"provinces/*/rectifications/*/report/versions/*": l.reportVersion, "provinces/*/rectifications/*/reviews/*": l.reviews["DISCIPLINE_ORGAN"],
		"provinces/*/rectifications/*/documents/*": l.document,
		"provinces/*/rectifications/*/items/*":     l.item, "provinces/*/immediateRectifications/*": l.matter,
		"provinces/*/obligations/*": l.obligation, "provinces/*/notifications/*": l.notifications["COUNTY_COMMITTEE"],
		"provinces/*/auditLogs/*": auditLog, "provinces/*/auditLogs/*/entries/*": l.auditEntry,
		"provinces/*/receipts/*":       l.receipts["COUNTY_COMMITTEE"],
		"provinces/*/holidayNotices/*": l.holidayNotice, "provinces/*/ruleSets/*": sichuan + "/ruleSets/CN-COUNTY-2012",
	}
}

var placeholder = regexp.MustCompile(`\{[a-z_]+\}`)

var lastUUID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}`)

// missing gives a name of the same type that never existed, or "" for a
// province, which is never missing.
func missing(name string) string {
	switch all := lastUUID.FindAllString(name, -1); {
	case len(all) > 0:
		last := all[len(all)-1]
		i := strings.LastIndex(name, last)
		return name[:i] + uuid.NewString() + name[i+len(last):]
	case strings.Contains(name, "/auditLogs/"): // each province has one of each service
		return strings.Replace(name, sichuan, "provinces/99", 1)
	case strings.Contains(name, "/ruleSets/"):
		return sichuan + "/ruleSets/CN-NOBODY-2012"
	case strings.Contains(name, "/counties/"):
		return sichuan + "/counties/519999"
	default:
		return ""
	}
}

// request builds a request of a method about the object name, valid in shape.
// Its etag is never current, so that what is allowed changes nothing.
func request(m protoreflect.MethodDescriptor, l *life, name string) proto.Message {
	req := dynamicpb.NewMessage(m.Input())
	fillMessage(req, l, 0)
	field, _ := addressed(m)
	at := req.ProtoReflect()
	path := strings.Split(field, ".")
	if mask := m.Input().Fields().ByName("update_mask"); mask != nil {
		paths := at.Mutable(mask).Message()
		list := paths.Mutable(paths.Descriptor().Fields().ByName("paths")).List()
		list.Truncate(0)
		list.Append(protoreflect.ValueOfString(changeable(at.Descriptor().Fields().ByName(protoreflect.Name(path[0])).Message())))
	}
	for _, step := range path[:len(path)-1] {
		at = at.Mutable(at.Descriptor().Fields().ByName(protoreflect.Name(step))).Message()
	}
	if m.IsStreamingClient() {
		fillUpload(at)
	}
	at.Set(at.Descriptor().Fields().ByName(protoreflect.Name(path[len(path)-1])), protoreflect.ValueOfString(name))
	return req
}

// changeable gives the first field of a resource that an update may name.
func changeable(d protoreflect.MessageDescriptor) string {
	for i := range d.Fields().Len() {
		f := d.Fields().Get(i)
		behavior, _ := proto.GetExtension(f.Options(), annotations.E_FieldBehavior).([]annotations.FieldBehavior)
		if slices.Contains(behavior, annotations.FieldBehavior_REQUIRED) && !slices.Contains(behavior, annotations.FieldBehavior_IMMUTABLE) {
			return string(f.Name())
		}
	}
	return ""
}

func fillMessage(m protoreflect.Message, l *life, depth int) {
	for _, valid := range []proto.Message{aDate(), aNotice()} {
		if m.Descriptor().FullName() == proto.MessageName(valid) {
			text, err := proto.Marshal(valid)
			if err == nil {
				err = proto.Unmarshal(text, m.Interface())
			}
			if err != nil {
				panic(err)
			}
			return
		}
	}
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		switch f.Name() {
		case "page_size", "page_token", "filter", "as_of_time", "known_date", "notice_province", "clock", "validate_only", "not_applicable_reason", "name", "create_time", "update_time":
			continue
		}
		if f.Name() == "csv" && m.Descriptor().Name() == "ImportHolidayNoticeRequest" { // its days are in the notice
			continue
		}
		if f.Name() == "document" && m.Descriptor().Name() == "Evidence" { // on paper: there is its hash
			continue
		}
		if f.Name() == "term" && m.Descriptor().Name() == "SummarizeComplianceRequest" { // it has dates
			continue
		}
		if depth > 4 || f.ContainingOneof() != nil || f.IsMap() {
			continue
		}
		if f.IsList() {
			list := m.Mutable(f).List()
			if f.Message() != nil {
				v := list.NewElement()
				fillMessage(v.Message(), l, depth+1)
				list.Append(v)
			} else {
				list.Append(scalar(f, l))
			}
			continue
		}
		if f.Message() != nil {
			fillMessage(m.Mutable(f).Message(), l, depth+1)
			continue
		}
		m.Set(f, scalar(f, l))
	}
}

// aDate is a statutory date that can be explained (domain.md §5.3).
func aDate() *regulationv1.StatutoryDate {
	return &regulationv1.StatutoryDate{Date: day(2012, 10, 19), StartDate: day(2012, 9, 3), Article: "17",
		RuleSet: "CN-COUNTY-2012", CalendarVersion: "SC-2012", Clock: "plan"}
}

// aNotice is a holiday notice that can be imported on every day of the world.
func aNotice() *schedulingv1.HolidayNotice {
	return &schedulingv1.HolidayNotice{NoticeNumber: "SC-2012-ANY", Scope: schedulingv1.HolidayNotice_SCOPE_PROVINCIAL,
		PublishDate: day(2012, 8, 1), Source: "省政府通知",
		Days: []*schedulingv1.HolidayNoticeDay{{Date: day(2013, 12, 29), Working: true, Holiday: "调休"}}}
}

func scalar(f protoreflect.FieldDescriptor, l *life) protoreflect.Value {
	switch f.Kind() {
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(word(string(f.Name()), l))
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(f.Enum().Values().Get(1).Number())
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(true)
	case protoreflect.Int32Kind:
		return protoreflect.ValueOfInt32(number(string(f.Name())))
	case protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(1)
	default:
		return f.Default()
	}
}

func number(field string) int32 {
	switch field {
	case "year":
		return 2013
	default:
		return 1
	}
}

func word(field string, l *life) string {
	switch field {
	case "notice_number":
		return "SC-2012-NEW"
	case "rule_set":
		return "CN-COUNTY-2012"
	case "county", "jurisdiction":
		return l.county
	case "city":
		return l.city
	case "term":
		return l.term
	case "batch":
		return l.batch
	case "base":
		return l.planVersion
	case "inspection":
		return l.inspection
	case "inspection_group":
		return l.group
	case "inspection_report":
		return l.report
	case "case_file":
		return l.caseFile
	case "working_paper":
		return l.paper
	case "finding", "findings":
		return l.finding
	case "decision":
		return l.decision
	case "liaison_body":
		return l.liaisonBody
	case "subject":
		return l.batch
	case "content_codes":
		return "C7"
	case "sha256":
		return strings.Repeat("a", 64)
	case "etag":
		return `"999999"`
	case "request_id", "event_id":
		return uuid.NewString()
	case "csv":
		return "code,name,level,parent,townships,villages\n510000,四川省,province,,,\n"
	default:
		return "x"
	}
}
