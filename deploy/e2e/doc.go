// Package e2e tests the whole system as its users meet it: through the REST edge
// and the services' gRPC ports, on the devstack, with a real PostgreSQL. It has
// no code of its own beside tests. The programs in portal, in TypeScript, are what
// a city and a county would write; their test wants Node.js and npm.
package e2e
