// Package docketserver answers xunshi.obligation.v1 over the docket of a service:
// the statutory dates that run there, why they are when they are, how they were
// kept, who was reminded, and the decisions that move them.
//
// Every service registers it, so that the edge can show all obligations as one list.
// It decides nothing about who sees what: that is the policy's and row-level
// security's. It must not open or meet an obligation; only a service's own events do.
package docketserver
