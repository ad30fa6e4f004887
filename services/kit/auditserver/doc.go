// Package auditserver answers xunshi.audit.v1 over the audit log of a service: its
// checkpoints, proofs, and entries without content, for the audit administrator and his
// witnesses (art. 12(6)); and the receipts that counties and cities got for their
// submissions, each to the body whose it is.
//
// Every service registers it. It must not sequence or enter anything of its own but the
// cosignatures of witnesses, and shows no detail of an entry.
package auditserver
