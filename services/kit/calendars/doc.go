// Package calendars owns the holiday notices that a province activated, in the
// database of every service, and the calendar that they make with those built into
// the program. A date is counted with what the same transaction reads, so that of
// two replicas none counts by an older calendar than the other.
//
// Scheduling activates a notice, after a dry run and by a second person; casefile
// and rectification learn of it by the event HolidayNoticeActivated. The package must
// not decide who may activate what, and must not count days itself.
package calendars
