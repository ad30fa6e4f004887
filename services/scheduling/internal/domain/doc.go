// Package domain owns the rules of planning and coordination: terms and
// coverage (art. 2), the on-site period (art. 3), groups (arts 4, 12(6)),
// decisions and batches (art. 5), the notice of entry and the entry itself
// (arts 12(2), 12(4)), briefings (arts 12(3), 15(1)), the liaison bodies of the
// cities (art. 16), the registry of a province's divisions (art. 1), the way of a
// holiday notice into its calendar (arts 5, 12(2), 17), and which obligation each of
// these opens and meets.
//
// An entity keeps its record private, so that only a lawful move changes it; a
// copy of the record is what the store writes and the API shows. The package
// must not know storage, the wire or the clock: time and calendar are
// arguments. It imports the standard library, kit/fault, kit/obligation,
// kit/regulation and kit/workday only.
package domain
