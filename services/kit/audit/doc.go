// Package audit owns the entries of the audit log: who did what to which object,
// by which article, with which outcome. An entry is staged in the transaction
// of the act itself, so an act without its entry cannot be committed, and a read
// of inside material is entered before a byte of it leaves (arts 8, 10).
//
// No content of source material may enter an entry, and there is no way to
// change or delete one. The package must not number, hash or sign entries: that
// is the sequencer's work, which only reads them.
package audit
