// Package pg is the only way to the database of a service: a transaction that
// carries the caller's signed scope, by which row-level security decides.
//
// A *gorm.DB never leaves it but inside a transaction. It knows no table of any
// service. What it must not do: keep a connection's state across transactions,
// log a statement's values, or guess a scope where there is no principal.
package pg
