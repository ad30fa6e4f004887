// Package obligation holds the rules of a statutory date that runs: opened by an
// event, counted by a rule set and a calendar, met, extended or suspended by
// decision, counted again when the calendar changes, and reminded of without end
// while it is overdue (domain.md §9, Clock).
//
// It knows neither storage nor wire nor the system clock: a Moment says when and by
// what law a step is taken. What each step changed, and who is to be told, is kept
// in the obligation until the store has written it. Domain packages import it, so it
// uses only the standard library, kit/fault, kit/regulation and kit/workday.
package obligation
