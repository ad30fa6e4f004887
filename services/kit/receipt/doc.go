// Package receipt makes what a county or a city gets for each submission: a statement,
// signed by the audit log of the service, of what was handed in (by its hash), when, by
// which body, which clocks it stopped, and under which entry the log has it. Whoever has
// the public key verifies it offline, and later that the entry is in the log (adr 0013).
//
// The methods that give receipts are marked in the proto (policy.v1.Access.receipt);
// kit/idempotency issues them in the transaction of the act. The package must not hold
// or store what was handed in.
package receipt
