package auditlog

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
)

// Entry is a row of audit_entry: every column, as PostgreSQL writes it in UTC. So
// there is no value of a column that an entry cannot hold or would hold as another.
type Entry struct {
	ID           string  `json:"id"`
	Province     string  `json:"province"`
	OccurTime    string  `json:"occur_time"`
	Subject      string  `json:"subject"`
	Party        string  `json:"party"`
	Jurisdiction string  `json:"jurisdiction"`
	Method       string  `json:"method"`
	Object       string  `json:"object"`
	Outcome      string  `json:"outcome"`
	Articles     string  `json:"articles"`
	Detail       string  `json:"detail"`
	RequestID    *string `json:"request_id"` // nil: NULL
	Commitment   *string `json:"commitment"` // nil: NULL; else \x and hexadecimal digits
}

// Columns are those of audit_entry in the order of a leaf: first those that are
// never NULL.
func Columns() []string {
	return []string{
		"id", "province", "occur_time", "subject", "party", "jurisdiction", "method", "object", "outcome",
		"articles", "detail", "request_id", "commitment",
	}
}

// selectList reads the columns as text.
func selectList(alias string) string {
	var list []string
	for _, c := range Columns() {
		list = append(list, alias+"."+c+"::text")
	}
	return strings.Join(list, ", ")
}

func (e *Entry) required() []*string {
	return []*string{
		&e.ID, &e.Province, &e.OccurTime, &e.Subject, &e.Party, &e.Jurisdiction, &e.Method, &e.Object, &e.Outcome,
		&e.Articles, &e.Detail,
	}
}

func (e *Entry) optional() []**string { return []**string{&e.RequestID, &e.Commitment} }

// targets are where a scan of the columns goes.
func (e *Entry) targets() []any {
	var all []any
	for _, column := range e.required() {
		all = append(all, column)
	}
	for _, column := range e.optional() {
		all = append(all, column)
	}
	return all
}

// leafForm begins every leaf. Another form of leaf has another number, and an entry
// keeps the form by which it was sequenced.
const leafForm = "xunshi.audit.v1\x00"

const (
	isNull  byte = 0
	isThere byte = 1
)

// Leaf is the entry as the tree covers it: the form, then of every column whether it is
// there, its length in four bytes, and its text. Two entries that differ in anything
// have different leaves.
func (e Entry) Leaf() []byte {
	size := len(leafForm)
	for _, text := range e.required() {
		size += 5 + len(*text)
	}
	b := append(make([]byte, 0, size+160), leafForm...)
	for _, text := range e.required() {
		b = appendColumn(b, text)
	}
	for _, text := range e.optional() {
		b = appendColumn(b, *text)
	}
	return b
}

func appendColumn(b []byte, text *string) []byte {
	if text == nil {
		return append(b, isNull)
	}
	b = binary.BigEndian.AppendUint32(append(b, isThere), uint32(len(*text)))
	return append(b, *text...)
}

// ParseLeaf reads what Leaf writes, and nothing else.
func ParseLeaf(leaf []byte) (Entry, error) {
	rest, ok := bytes.CutPrefix(leaf, []byte(leafForm))
	if !ok {
		return Entry{}, errors.New("leaf: another form")
	}
	var e Entry
	for _, column := range e.required() {
		text, after, err := cutColumn(rest)
		if err != nil {
			return Entry{}, err
		}
		if text == nil {
			return Entry{}, errors.New("leaf: a column that is never NULL is")
		}
		*column, rest = *text, after
	}
	for _, column := range e.optional() {
		var err error
		if *column, rest, err = cutColumn(rest); err != nil {
			return Entry{}, err
		}
	}
	if len(rest) > 0 {
		return Entry{}, errors.New("leaf: it goes on behind its last column")
	}
	return e, nil
}

func cutColumn(b []byte) (text *string, rest []byte, err error) {
	switch {
	case len(b) > 0 && b[0] == isNull:
		return nil, b[1:], nil
	case len(b) < 5 || b[0] != isThere || uint64(binary.BigEndian.Uint32(b[1:])) > uint64(len(b)-5):
		return nil, nil, errors.New("leaf: a column that does not end in it")
	}
	end := 5 + int(binary.BigEndian.Uint32(b[1:]))
	value := string(b[5:end])
	return &value, b[end:], nil
}
