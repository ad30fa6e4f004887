// Package requestid owns the id that ties one call together across services:
// it is in the answer, in every log line, and in what an internal error tells.
//
// It is not the request_id of a write (AIP-155), which makes a repeat harmless;
// nothing may be decided by this one, for a caller may choose it.
package requestid
