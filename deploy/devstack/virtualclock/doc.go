// Package virtualclock is a business clock that a file moves, so that months
// pass in the demo. Only the devstack links it: a service that is built from its
// own cmd runs on the clock of the machine and has no way to set the time.
package virtualclock
