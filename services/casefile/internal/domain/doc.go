// Package domain owns the rules of what a group learns between entry and report:
// the case file and who belongs to it (art. 8), petitions and working papers
// (art. 8), findings (arts 6, 7) and the inspection report with the leading
// group's agreement (arts 5, 10).
//
// An entity keeps its record private, so that only a lawful move changes it; a
// copy of the record is what the store writes and the API shows. The package
// must not know storage, the wire or the clock: time is an argument. It imports
// the standard library, kit/fault, kit/regulation and kit/workday only.
package domain
