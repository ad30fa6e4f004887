package grpcserver

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// maxMarks is how many combining marks may follow each other; no writing needs
// more than a few.
const maxMarks = 8

// isName reports whether the field holds a name. Names are compared and shown
// in lists, so they may hold nothing that is not seen.
func isName(field protoreflect.Name) bool {
	return field == "name" || strings.HasSuffix(string(field), "_name")
}

// walkText looks at every character of a text.
func walkText(s string, name bool) *objection {
	if s == "" {
		return nil
	}
	if !utf8.ValidString(s) {
		return object("TEXT_INVALID", "the text is not UTF-8")
	}
	marks, blank := 0, true
	// A line may end as Windows ends it; a carriage return elsewhere may not stand.
	for _, r := range strings.ReplaceAll(s, "\r\n", "\n") {
		switch {
		case forbidden(r):
			return object("CHARACTER_FORBIDDEN", "the text has a control or bidirectional character")
		case name && hidden(r):
			return object("CHARACTER_FORBIDDEN", "a name has a character that is not seen")
		}
		if !isMark(r) {
			marks = 0
		} else if marks++; marks > maxMarks {
			return object("CHARACTER_FORBIDDEN", "the text has too many combining marks in a row")
		}
		blank = blank && unicode.IsSpace(r)
	}
	if blank {
		return object("TEXT_BLANK", "the text is nothing but white space")
	}
	return nil
}

// forbidden reports control characters but line feed and tab, and the
// characters that embed, override or isolate a direction.
func forbidden(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case r < 0x20, 0x7f <= r && r <= 0x9f:
		return true
	case 0x202a <= r && r <= 0x202e, 0x2066 <= r && r <= 0x2069:
		return true
	default:
		return false
	}
}

// hidden reports what is not seen or not assigned. The ideographic planes are
// let through as a whole: names of people use characters that are newer than
// the tables of this Go version.
func hidden(r rune) bool {
	if 0x20000 <= r && r <= 0x3fffd {
		return false
	}
	return !unicode.IsGraphic(r)
}

// isMark is asked of every character, so the common ones are told apart first.
func isMark(r rune) bool {
	if r < 0x300 || 0x4e00 <= r && r <= 0x9fff {
		return false
	}
	return unicode.Is(unicode.Mn, r)
}
