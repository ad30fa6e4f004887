// Package etag owns the form of etags (AIP-154): a strong etag that holds the
// version of the row, and the comparison that keeps two people from overwriting
// each other. It must not know rows: the store compares the version once more in
// its UPDATE, because time passes between reading and writing.
package etag
