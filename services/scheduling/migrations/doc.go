// Package migrations owns the tables of the scheduling service as numbered goose
// files. They run as the owner role, after the kit's own; the roles
// scheduling_inside and scheduling_outside must exist.
//
// Row-level security here holds the whole matrix of the protos by itself. Every
// table leads its key with the province. The package must not change a file that
// was once released: a change is a new file.
package migrations
