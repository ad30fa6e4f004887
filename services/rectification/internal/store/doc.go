// Package store keeps tasks, feedbacks, deliveries and rectification cases in the
// service's own PostgreSQL database. Every query names the caller's scope, and
// row-level security stands behind it.
//
// Rows are private and know nothing of the rules; the rules know nothing of rows.
// The package must not decide anything, open a transaction, or know protobuf and
// resource names.
package store
