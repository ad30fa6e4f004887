// Package migrations holds the tables of rectification and the row-level security
// that by itself keeps the whole matrix of the protos. Every table carries the
// inspection, county and city it is about, so that a policy is one comparison.
//
// A migration must work with the code before and after it; a released file is
// never changed.
package migrations
