// Package vault keeps the content of documents: sealed (package envelope), in a folder or
// in a bucket of an S3-compatible store, under names that tell nothing. What is put is
// durable before it is said to be there.
//
// It must not know what a document is or who may see it: whoever asks has found that out.
// Nothing in it is ever overwritten, and nothing is removed but what belongs to no
// document.
package vault
