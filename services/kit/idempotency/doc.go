// Package idempotency owns the rule that a write with a request_id takes effect
// once and is answered the same for ever: the claim of the id, the effect, the
// audit entry and the answer are one transaction. Refusals that the same request
// would meet again are answers too and are kept; an outage is not.
//
// It must not know any service's messages, and must not keep anything in
// memory: a repeat may reach another replica, or the same one after a crash.
package idempotency
