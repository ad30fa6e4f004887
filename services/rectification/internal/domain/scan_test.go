package domain_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

// found is what the scan of a text warns of.
func found(t *testing.T, l domain.Lexicon, text string) []string {
	t.Helper()
	f, err := domain.NewFeedback("f1", domain.Task{Place: place()}, "r1",
		domain.FeedbackText{Summary: text, Problems: problems(1)}, l, noon(t, today))
	ok(t, err)
	var terms []string
	for _, w := range f.Record().Warnings {
		if w.Field != "summary" || !w.ConfirmTime.IsZero() {
			t.Errorf("warns of %+v", w)
		}
		terms = append(terms, w.Term)
	}
	return terms
}

// TestArt11FeedbackTextNamesAnInformant, a lead, a person's number or another county: it is
// warned of, however it is written.
func TestArt11FeedbackTextNamesAnInformant(t *testing.T) {
	for text, want := range map[string][]string{
		"党的领导弱化":                                 nil,
		"据举报人张某反映":                               {"举报人"},
		"根据实名 举报":                                {"实名举报"},
		"信\u200b访件转来的线索":                         {"信访", "线索"},
		"电话13800138000":                          {"138******00"},
		"电话 138 0013-8000":                       {"138*******00"},
		"电话１３８００１３８０００":                          {"138******00"},
		"座机028-12345678":                         {"028*******78"},
		"身份证510104199001011234":                  {"510*************34"},
		"身份证51010419900101123x":                  {"510*************3x"},
		"旧证510104900101123":                      {"510**********23"},
		"川巡办〔2024〕40号，涉及资金12345678901元":          nil,
		"2024-02-26会议，金额1234567890123456789012元": nil,
		"武侯区也有":                                  {"武侯区"},
		"信访，信访":                                  {"信访"},
	} {
		if diff := cmp.Diff(want, found(t, lexicon(t, "武侯区", "青羊区"), text)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

// TestArt11ScanNamesTheField: where it stands, in each text of a problem.
func TestArt11ScanNamesTheField(t *testing.T) {
	text := text(2)
	text.Problems[1].Description, text.Problems[0].Suggestion = "举报人", "线索"
	f, err := domain.NewFeedback("f1", domain.Task{Place: place()}, "r1", text, lexicon(t), noon(t, today))
	ok(t, err)
	want := []domain.Warning{{Field: "problems[0].suggestion", Term: "线索"}, {Field: "problems[1].description", Term: "举报人"}}
	if diff := cmp.Diff(want, f.Record().Warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

// TestArt11WhatIsScannedForIsOfTheRuleSet: an interpretation may set other words and scans.
func TestArt11WhatIsScannedForIsOfTheRuleSet(t *testing.T) {
	at := moment(t, today, func(rs *regulation.RuleSet) {
		for i, p := range rs.Parameters {
			switch p.Name {
			case regulation.FeedbackTerms:
				rs.Parameters[i].Value = regulation.Codes{"暗访"}
			case regulation.FeedbackScans:
				rs.Parameters[i].Value = regulation.Codes{regulation.ScanPhoneNumber}
			}
		}
	})
	l, err := domain.NewLexicon(at.Rules, []string{"武侯区"})
	ok(t, err)
	got := found(t, l, "举报人，暗访，武侯区，13800138000，510104199001011234")
	if diff := cmp.Diff([]string{"138******00", "暗访"}, got); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

// TestArt11AWarningIsConfirmedByAPerson and never a verdict: with a reason the wording
// stands, until it is rewritten; who knows of more is warned of more.
func TestArt11AWarningIsConfirmedByAPerson(t *testing.T) {
	agreement := domain.Agreement{Inspection: "i1", Agreed: true, Decision: "d1", Date: day(t, today), Covered: true}
	words := domain.FeedbackText{Summary: "信访工作薄弱", Problems: problems(1)}
	f, err := domain.NewFeedback("f1", domain.Task{Place: place()}, "r1", words, lexicon(t), noon(t, today))
	ok(t, err)
	_, err = f.ConfirmAgreement(agreement, lexicon(t), moment(t, today))
	if got := refused(t, err, "FEEDBACK_WARNING_UNCONFIRMED", "11").Meta["warnings"]; got != "summary 信访" {
		t.Errorf("tells %q", got)
	}
	ok(t, f.ConfirmWarnings(lexicon(t), "li", "系工作领域名称", noon(t, today)))
	want := []domain.Warning{{Field: "summary", Term: "信访", Reason: "系工作领域名称", Confirmer: "li", ConfirmTime: noon(t, today)}}
	if diff := cmp.Diff(want, f.Record().Warnings); diff != "" {
		t.Errorf("confirmed (-want +got):\n%s", diff)
	}
	refused(t, f.ConfirmWarnings(lexicon(t), "li", "再次", noon(t, today)), "NO_WARNING_TO_CONFIRM", "11")

	wider := lexicon(t, "工作薄") // as if there were a county of that name
	_, err = f.ConfirmAgreement(agreement, wider, moment(t, today))
	if got := refused(t, err, "FEEDBACK_WARNING_UNCONFIRMED", "11").Meta["warnings"]; strings.Contains(got, "信访") {
		t.Errorf("asks again for what was confirmed: %q", got)
	}
	ok(t, f.ConfirmWarnings(wider, "office", "不是县名", noon(t, today)))
	if all := f.Record().Warnings; len(all) != 2 || all[0].Confirmer != "li" || all[1].Confirmer != "office" {
		t.Errorf("confirmed %+v", all)
	}
	ok(t, f.Revise(words, lexicon(t), noon(t, today)))
	_, err = f.ConfirmAgreement(agreement, lexicon(t), moment(t, today))
	refused(t, err, "FEEDBACK_WARNING_UNCONFIRMED", "11")
	words.Summary = "意见"
	ok(t, f.Revise(words, lexicon(t), noon(t, today)))
	_, err = f.ConfirmAgreement(agreement, lexicon(t), moment(t, today))
	ok(t, err)
}

// TestArt11FeedbackIsDrawnFromAgreedFindings: of this case file and of the report that the
// leading group agreed to; a source is of a problem that is there.
func TestArt11FeedbackIsDrawnFromAgreedFindings(t *testing.T) {
	agreement := domain.Agreement{
		Inspection: "i1", Agreed: true, Decision: "d1", Date: day(t, today), Covered: true, Findings: []string{"n1", "n2"},
	}
	for name, tt := range map[string]struct {
		source          domain.Source
		drafted, agreed bool
	}{
		"of the report":           {domain.Source{Number: 3, CaseFile: "i1", Finding: "n2"}, true, true},
		"not of the report":       {domain.Source{Number: 1, CaseFile: "i1", Finding: "n3"}, true, false},
		"of another case":         {domain.Source{Number: 1, CaseFile: "i2", Finding: "n1"}, false, false},
		"of no problem":           {domain.Source{Number: 4, CaseFile: "i1", Finding: "n1"}, false, false},
		"of a problem before all": {domain.Source{Number: 0, CaseFile: "i1", Finding: "n1"}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			text := text(3)
			text.Sources = []domain.Source{tt.source}
			f, err := domain.NewFeedback("f1", domain.Task{Place: place()}, "r1", text, lexicon(t), noon(t, today))
			if !tt.drafted {
				refused(t, err, "FEEDBACK_SOURCE_INVALID", "11")
				return
			}
			ok(t, err)
			_, err = f.ConfirmAgreement(agreement, lexicon(t), moment(t, today))
			if tt.agreed {
				ok(t, err)
				return
			}
			refused(t, err, "FEEDBACK_SOURCE_INVALID", "11")
		})
	}
}
