// Package casefile is the composition root of the casefile service, the
// confidential side of the province: what a group learns between entry and
// report, and whether the leading group agreed to the report (arts 5 to 10).
//
// It only puts the parts together; the rules are in internal/domain. No city or
// county can call any of it. It must not import another service: they meet over
// gRPC.
package casefile
