// Package crash tests that killing a service at any moment loses nothing and
// doubles nothing: it runs the devstack with each service as a process of its
// own, kills them with SIGKILL while people write through the REST edge, and
// then compares what was acknowledged with what the databases hold. It has no
// code of its own beside tests.
package crash
