// Package rectification is the composition root of the rectification service:
// what the inspected side sees and does, from the feedback to the closed case
// (arts 11, 15, 17).
//
// It only puts the parts together; the rules are in internal/domain. It must not
// import another service: they meet over gRPC.
package rectification
