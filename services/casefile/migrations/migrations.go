package migrations

import (
	"embed"
	"io/fs"
)

//go:embed *.sql
var files embed.FS

// Files are the migrations, at the root of the file system.
func Files() fs.FS { return files }
