// Package document owns what is known of a file that was handed in: its name, its type,
// its size and hash, whose it is and who handed it in. A document never changes.
//
// It knows which types are taken and tells by the content whether a file is what it was
// declared to be. It must not hold content (package vault does) nor know what a document
// is evidence of: the service says to which of its resources one belongs, and who may see
// that.
package document
