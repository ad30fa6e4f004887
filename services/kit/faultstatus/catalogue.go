package faultstatus

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/language"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	faultv1 "github.com/xunshi/xunshi/gen/go/xunshi/fault/v1"
)

// The locales of the texts.
const (
	localeZh = "zh-CN"
	localeEn = "en"
)

const (
	maxReason         = 63  // AIP-193
	maxAcceptLanguage = 200 // bytes; no honest browser sends more
)

// Catalogue knows the reasons that a service may answer with and their texts. It
// does not change once made.
type Catalogue struct {
	domain      string
	texts       map[string]*faultv1.Text
	placeholder *regexp.Regexp
	languages   language.Matcher
}

// NewCatalogue reads the reasons of xunshi.fault.v1.ErrorReason and of the given
// enums. domain says whose reasons they are, e.g. "scheduling.xunshi". It fails,
// naming every fault, if a reason has no text, is malformed or comes twice.
func NewCatalogue(domain string, enums ...protoreflect.EnumDescriptor) (*Catalogue, error) {
	c := &Catalogue{
		domain:      domain,
		texts:       make(map[string]*faultv1.Text),
		placeholder: regexp.MustCompile(`\{[a-z][a-z0-9_]*\}`),
		// The first is the default.
		languages: language.NewMatcher([]language.Tag{language.SimplifiedChinese, language.English}),
	}
	var errs []error
	for _, enum := range append([]protoreflect.EnumDescriptor{faultv1.ErrorReason(0).Descriptor()}, enums...) {
		errs = append(errs, c.add(enum)...)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return c, nil
}

func (c *Catalogue) add(enum protoreflect.EnumDescriptor) []error {
	var errs []error
	form := regexp.MustCompile(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$`)
	for i := range enum.Values().Len() {
		value := enum.Values().Get(i)
		if value.Number() == 0 {
			continue // UNSPECIFIED is never sent
		}
		reason, prefixed := strings.CutPrefix(string(value.Name()), "ERROR_REASON_")
		text, _ := proto.GetExtension(value.Options(), faultv1.E_Text).(*faultv1.Text)
		_, twice := c.texts[reason]
		switch {
		case !prefixed || len(reason) > maxReason || !form.MatchString(reason):
			errs = append(errs, fmt.Errorf("%s: a reason is ERROR_REASON_ and at most %d letters", value.FullName(), maxReason))
		case twice:
			errs = append(errs, fmt.Errorf("%s: another enum has this reason too", value.FullName()))
		case text.GetZh() == "" || text.GetEn() == "":
			errs = append(errs, fmt.Errorf("%s: the option (xunshi.fault.v1.text) lacks zh or en", value.FullName()))
		default:
			c.texts[reason] = text
		}
	}
	return errs
}

// Reasons lists the reasons in order.
func (c *Catalogue) Reasons() []string { return slices.Sorted(maps.Keys(c.texts)) }

// locale picks one of ours for an Accept-Language header; Chinese unless English
// is asked for.
func (c *Catalogue) locale(acceptLanguage string) string {
	if len(acceptLanguage) > maxAcceptLanguage {
		return localeZh
	}
	tags, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil {
		return localeZh
	}
	if _, index, confidence := c.languages.Match(tags...); index == 1 && confidence > language.No {
		return localeEn
	}
	return localeZh
}

// text gives the text of a reason with its placeholders filled; a value that the
// fault does not have is shown as a dash.
func (c *Catalogue) text(reason, locale string, meta map[string]string) string {
	text := c.texts[reason]
	pattern := text.GetZh()
	if locale == localeEn {
		pattern = text.GetEn()
	}
	return c.placeholder.ReplaceAllStringFunc(pattern, func(hole string) string {
		if v := meta[strings.Trim(hole, "{}")]; v != "" {
			return v
		}
		return "—"
	})
}
