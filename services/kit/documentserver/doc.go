// Package documentserver answers xunshi.document.v1 for any service: it takes a file in
// and gives it out, piece by piece, and tells what is known of it.
//
// It must not know what a document is evidence of: the service says, by Parents, to which
// of its resources a name leads, whether the caller sees that, and whether it takes more.
// Content is durable before its document is there (package vault), and the audit entry of
// a download before its first byte leaves.
package documentserver
