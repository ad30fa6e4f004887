// Package demo plays the whole life of one county's inspection over the REST
// edge, as the six parties that take part, and stops with an error as soon as
// an answer differs from what the regulation wants.
//
// It is a client like any other: it knows URLs, tokens and JSON, and nothing of
// the services' code. Months pass by the virtual clock of the devstack.
package demo
