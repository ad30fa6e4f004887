// Package receipttest owns the issuers of receipts that tests use. It must not be needed by
// anything that runs.
package receipttest
