// Package clocktest owns the clock that tests set by hand. It is a package of
// its own so that production code cannot link it by accident; it must not be
// imported by anything but tests.
package clocktest
