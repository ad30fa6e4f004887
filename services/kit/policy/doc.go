// Package policy owns the answer to "may this party call this method, and on
// whose objects?". It reads the option (xunshi.policy.v1.access) of every method
// from the descriptors once, at start; what is not declared there is denied.
//
// It decides on the party, the scope and the province only. Whether this caller
// may touch this object — its task, its jurisdiction, a delivered copy — is for
// package pg, which gets the scope by way of the Grant. It must not read a
// database, and no service may be named here.
package policy
