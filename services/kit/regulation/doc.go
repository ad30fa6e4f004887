// Package regulation owns the numbers and conditions of the law, as data: rule
// sets with their parameters, required documents, gates and clocks, who owes what by
// them and who is reminded when, each beside its article; the interpretations of what
// the text leaves open (art. 19); and the statutory dates that follow with a calendar.
//
// Rule sets are versioned because the law changed in more than its numbers:
// between 2012 and 2015 who agrees to the feedback, how many documents there
// are, whether there is a plan and what starts the clock all changed
// (domain.md §1.7). A task pins the rule set that was in force when it was
// authorised, and a new one never touches it.
//
// Only a rule set whose text was read in full is Verified; the others are there
// to be seen and compared, and cannot be selected.
//
// The package must not know states, storage or the wire, nor read the clock:
// services ask it for a date or a condition and do the enforcing. Domain
// packages import it, so it uses only the standard library, kit/workday and
// kit/fault.
package regulation
