package migrations

import "embed"

// FS holds the goose files.
//
//go:embed *.sql
var FS embed.FS
