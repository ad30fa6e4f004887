// Package clock owns the reading of the present moment: it is the only package
// that may call time.Now. Everything else takes a Clock, or a time.Time as an
// argument, so that the deadlines of the law can be tested at any date.
//
// It must not know legal days or time zones (package workday does), and it must
// not hold a clock that can be set: that one lives in clocktest, which only
// tests import.
package clock
