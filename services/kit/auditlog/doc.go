// Package auditlog makes the audit entries of a service a verifiable log: an RFC 6962
// Merkle tree (SHA-256, in the numbering of golang.org/x/mod/sumdb/tlog) whose leaves
// cover every column of every entry, with signed checkpoints that are kept inside and
// outside the database (adr 0012).
//
// It owns the form of a leaf, the sequencer that gives each committed entry its place,
// the proofs, and the verifier, which trusts nothing but a public key and a checkpoint
// that was kept elsewhere. It must not change or judge an entry, nor put content into
// one: what an entry says is kit/audit's.
package auditlog
