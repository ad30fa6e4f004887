// Package filter owns the filters of list methods: a documented subset of
// AIP-160, compiled to a condition with placeholders through a table of allowed
// columns. No text of a filter ever becomes part of the SQL.
//
// The subset: `=  !=  <  <=  >  >=  :`, AND, OR, NOT, parentheses. Mind that in
// AIP-160 OR binds tighter than AND: `a = 1 AND b = 2 OR c = 3` means
// `a = 1 AND (b = 2 OR c = 3)`. A text has to be in quotes; a `*` in it is just a
// star. `:` finds a part of a text, and `field:*` asks whether a field is set.
// Two restrictions without AND between them are refused.
//
// It must not run queries nor know any service.
package filter
