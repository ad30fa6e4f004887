package domain

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/xunshi/xunshi/services/kit/regulation"
)

// Lexicon is what the wording of a feedback is scanned for: it should name no informant,
// no lead, no person's number and no other county (domain.md §7). Words have many
// meanings, so what is found is warned of, and a person decides.
type Lexicon struct {
	terms    []string
	numbers  map[string]bool
	counties []string
}

// NewLexicon takes the words from the law and the names of other counties from what is
// known of them.
func NewLexicon(rules *regulation.RuleSet, otherCounties []string) (Lexicon, error) {
	terms, err := rules.Codes(regulation.FeedbackTerms)
	if err != nil {
		return Lexicon{}, err
	}
	scans, err := rules.Codes(regulation.FeedbackScans)
	if err != nil {
		return Lexicon{}, err
	}
	l := Lexicon{terms: terms, numbers: map[string]bool{}}
	for _, scan := range scans {
		l.numbers[scan] = true
	}
	if l.numbers[regulation.ScanOtherCounty] {
		l.counties = otherCounties
	}
	return l, nil
}

// Warning is what the scan found, and who let it stand.
type Warning struct {
	Field       string // e.g. problems[2].description
	Term        string
	Reason      string // of the confirmation
	Confirmer   string
	ConfirmTime time.Time // zero until confirmed
}

func (w Warning) same(other Warning) bool { return w.Field == other.Field && w.Term == other.Term }

// scan gives each finding in a text once.
func (l Lexicon) scan(field, text string) []Warning {
	text = squeeze(text)
	var found []string
	for _, words := range [][]string{l.terms, l.counties} {
		for _, word := range words {
			if strings.Contains(text, word) {
				found = append(found, word)
			}
		}
	}
	for _, run := range digits.FindAllString(text, -1) {
		if l.numbers[kindOf(run)] {
			found = append(found, mask(run))
		}
	}
	slices.Sort(found)
	var all []Warning
	for _, term := range slices.Compact(found) {
		all = append(all, Warning{Field: field, Term: term})
	}
	return all
}

func (l Lexicon) scanText(t FeedbackText) []Warning {
	all := l.scan("summary", t.Summary)
	for i, p := range t.Problems {
		all = append(all, l.scan(fmt.Sprintf("problems[%d].description", i), p.Description)...)
		all = append(all, l.scan(fmt.Sprintf("problems[%d].suggestion", i), p.Suggestion)...)
	}
	return all
}

// squeeze takes out what only keeps a word from being found, and writes wide digits narrow.
func squeeze(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.Is(unicode.Cf, r):
			return -1
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		default:
			return r
		}
	}, text)
}

var (
	digits   = regexp.MustCompile(`[0-9][0-9-]*[0-9Xx]`)
	identity = regexp.MustCompile(`^([1-9][0-9]{16}[0-9Xx]|[1-9][0-9]{14})$`) // of 18 digits, or the old one of 15
	phone    = regexp.MustCompile(`^(1[3-9][0-9]{9}|0[0-9]{9,11})$`)          // mobile, or fixed with its area code
)

func kindOf(run string) string {
	run = strings.ReplaceAll(run, "-", "")
	switch {
	case phone.MatchString(run):
		return regulation.ScanPhoneNumber
	case identity.MatchString(run):
		return regulation.ScanIdentityNumber
	default:
		return ""
	}
}

// mask keeps of a number as much as is needed to find it in the text.
func mask(run string) string {
	return run[:3] + strings.Repeat("*", len(run)-5) + run[len(run)-2:]
}
