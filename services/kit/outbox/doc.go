// Package outbox owns how a change here reaches another service: a row written
// in the transaction of the change, and its delivery over gRPC, at least once
// and in the order of its aggregate, by River jobs enqueued in that same
// transaction. A job carries only the id of its row.
//
// What cannot be delivered is parked: it stays, it is counted, logged and shown
// to the operator, and is never dropped. The package must not decide what an
// event means, and must not hold a transaction open while it calls a service.
package outbox
