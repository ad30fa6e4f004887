package fault

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Error is a failure that a caller can understand. Treat it as a value: the
// methods that add to it return a copy.
type Error struct {
	Kind   Kind
	Reason string            // e.g. "NOTICE_TOO_LATE"; a value of an ErrorReason enum
	Meta   map[string]string // fills the text of the reason, and is sent as metadata
	Fields []Field           // what is wrong with which field, for Invalid; what it lacks, for Precondition
	cause  error             // for the log only, never sent
}

// Field says what is wrong with one field of a request.
type Field struct {
	Path        string // as in the proto, e.g. "inspection.entry_date"
	Reason      string // UPPER_SNAKE
	Description string // English, for developers
}

// New makes a fault. kv are keys and values of Meta in turn; a key without a
// value is kept with an empty one.
func New(kind Kind, reason string, kv ...string) *Error {
	e := &Error{Kind: kind, Reason: reason}
	if len(kv) > 0 {
		e.Meta = make(map[string]string, (len(kv)+1)/2)
	}
	for pair := range slices.Chunk(kv, 2) {
		value := ""
		if len(pair) == 2 {
			value = pair[1]
		}
		e.Meta[pair[0]] = value
	}
	return e
}

// Refuse makes the fault by which a rule of the law says no; article cites it.
func Refuse(article, reason string, kv ...string) *Error {
	e := New(Precondition, reason, kv...)
	if e.Meta == nil {
		e.Meta = make(map[string]string, 1)
	}
	e.Meta[MetaArticle] = article
	return e
}

// InvalidField makes the fault for one field of a wrong shape.
func InvalidField(path, reason, description string) *Error {
	return New(Invalid, ReasonFieldInvalid).WithField(path, reason, description)
}

// Missing makes the fault for an object that is not there, or not there for this
// caller. name is the name as requested: nothing else may enter the fault, or
// the two cases could be told apart.
func Missing(name string) *Error {
	return New(NotFound, ReasonNotFound, MetaName, name)
}

// WithField returns a copy that also names one more field.
func (e *Error) WithField(path, reason, description string) *Error {
	c := e.clone()
	c.Fields = append(c.Fields, Field{Path: path, Reason: reason, Description: description})
	return c
}

// With returns a copy that has one more key in Meta.
func (e *Error) With(key, value string) *Error {
	c := e.clone()
	if c.Meta == nil {
		c.Meta = make(map[string]string, 1)
	}
	c.Meta[key] = value
	return c
}

// Wrap returns a copy that carries cause for the log.
func (e *Error) Wrap(cause error) *Error {
	c := e.clone()
	c.cause = cause
	return c
}

func (e *Error) clone() *Error {
	c := *e
	c.Meta = maps.Clone(e.Meta)
	c.Fields = slices.Clone(e.Fields)
	return &c
}

// Error tells everything that is known, in a stable order. It is for logs and
// tests; what a caller is told comes from package faultstatus.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Reason)
	for _, k := range slices.Sorted(maps.Keys(e.Meta)) {
		fmt.Fprintf(&b, " %s=%q", k, e.Meta[k])
	}
	for _, f := range e.Fields {
		fmt.Fprintf(&b, "; %s: %s", f.Path, f.Reason)
	}
	if e.cause != nil {
		fmt.Fprintf(&b, ": %v", e.cause)
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.cause }

// As finds the outermost fault in the chain of err.
func As(err error) (*Error, bool) {
	var e *Error
	ok := errors.As(err, &e)
	return e, ok && e != nil
}

// Is reports whether err is a fault with this reason.
func Is(err error, reason string) bool {
	e, ok := As(err)
	return ok && e.Reason == reason
}
