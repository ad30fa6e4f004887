// Package docket keeps the obligations of a service: it opens, meets, moves and
// cancels them in the transaction of the event that does so, reads them for the
// API as they are and as they were known, and runs the worker that reminds of them
// and counts them again when the calendar changes (design.md §4).
//
// It owns the tables obligation, obligation_change and notification. The rules are
// those of package obligation; nothing waits in memory. What it must not do: judge
// who may call a method, or let a date move without an entry in its history.
package docket
