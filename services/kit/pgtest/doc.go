// Package pgtest gives every test a real PostgreSQL database of its own: one
// private cluster per test process, a migrated template per service, a clone
// per test. Without PostgreSQL a test fails; it never skips.
//
// Only tests import it.
package pgtest
