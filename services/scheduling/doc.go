// Package scheduling is the composition root of the scheduling service, which
// plans and coordinates: who is inspected when, by whom, by whose decision, and
// who was told in time (arts 2 to 5, 12, 15, 16).
//
// It only puts the parts together; the rules are in internal/domain. It must not
// import another service: they meet over gRPC.
package scheduling
