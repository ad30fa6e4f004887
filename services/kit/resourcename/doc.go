// Package resourcename owns the reading and writing of resource names such as
// "provinces/51/inspections/0198…" against a pattern (AIP-122), and the strict
// form of their segments: GB/T 2260 codes for jurisdictions, lower-case UUIDs for
// the rest. One object has exactly one name.
//
// It knows no service and no collection; it must not look anything up.
package resourcename
