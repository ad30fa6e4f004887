// Package stack runs the whole system on one machine, for developers, the demo
// and the end-to-end tests: a private PostgreSQL, the migrations, the three
// services with mTLS between them, the REST edge, an issuer of tokens and real
// data.
//
// It calls the same composition roots as the services' own programs, so that
// development and production cannot drift apart. What only it may do: issue
// tokens to whoever asks on the loopback interface, and move the clock.
package stack
