// Package row is what the store of every service needs between its records and
// its tables: types of columns, and the few operations on rows over GORM's
// generic API.
//
// It owns how a missing value is stored, that an update is checked against the
// version that was read, and how a page is read. What it must not do: know a
// table or its columns, or build the caller's scope, which the query that it is
// given already holds.
package row
