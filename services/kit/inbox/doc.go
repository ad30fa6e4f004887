// Package inbox owns the receiving end of EventService: an event takes effect
// once, in the order of its aggregate, in one transaction with the row that
// remembers it and with its audit entry. A refused event leaves nothing, so that
// it can be delivered again once the cause is mended.
//
// It must not know what an event means: a service gives it one handler for each
// type that it takes from each source.
package inbox
