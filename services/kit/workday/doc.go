// Package workday owns the civil date, the holiday calendar and the counting
// of days: working days (工作日) and months, by the conventions that
// domain.md §5.1 lists.
//
// The calendar is data, not code. The State Council says once a year, and now
// and then in mid-year, which weekdays are off and which weekends are worked
// (调休); an autonomous area may add days of its own. Each such fact keeps its
// notice, so that an answer can be explained day by day and so that a count can
// be repeated with what was known on an earlier day.
//
// The package knows nothing of the regulation: which period applies, from which
// event and under which article is said by kit/regulation. It must not read the
// system clock, do I/O beyond its embedded data, or import anything but the
// standard library, because domain packages import it.
package workday
