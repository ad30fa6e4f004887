// Package migrations owns the tables of the casefile service as numbered goose
// files. They run as the owner role, after the kit's own; the roles
// casefile_inside and casefile_outside must exist.
//
// Row-level security here holds the whole matrix of the protos by itself. Every
// table leads its key with the province. The outside role gets nothing: a city,
// a county or a department has no business in this database (domain.md §8). The
// package must not change a file that was once released: a change is a new file.
package migrations
