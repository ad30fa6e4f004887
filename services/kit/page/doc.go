// Package page owns the paging of lists (AIP-158): the rules for page_size, and
// tokens that hold the sort key of the last row seen. A token belongs to one
// query of one caller, cannot be made by anybody else, and ends after a day.
//
// A token grants nothing: each page is authorized like the first. The package
// must not run queries; it gives the condition for the next rows.
package page
