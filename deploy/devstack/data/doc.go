// Package data holds the facts that the devstack loads: the divisions of 2023
// (statistical codes, development zones removed, from shared/data). They are
// facts with sources; nothing in them is invented.
package data

import _ "embed"

// Divisions2023 is CSV: code,name,level,parent,townships,villages.
//
//go:embed divisions-2023.csv
var Divisions2023 string
