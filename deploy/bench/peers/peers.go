package peers

import "embed"

// Files are the packages for npm, each in a folder of its own, and schema.sql.
//
//go:embed schema.sql fastify directus
var Files embed.FS
