// Package e2e tests the whole system as its users meet it: through the REST edge
// and the services' gRPC ports, on the devstack, with a real PostgreSQL. It has
// no code of its own beside tests.
package e2e
