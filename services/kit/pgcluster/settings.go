package pgcluster

import (
	"maps"
	"slices"
)

// hba lets in whoever reaches the socket, which lies in a folder that only the
// owner of the cluster and root can enter. There is no TCP to log in by.
const hba = "# written by xunshi\nlocal all all trust\n"

// settings gives the server's command-line settings.
func settings(o Options, socketDir string) []string {
	s := map[string]string{
		"listen_addresses":        "",
		"unix_socket_directories": socketDir,
		"unix_socket_permissions": "0700",
		"max_connections":         "200",
		"timezone":                "UTC",
		"log_timezone":            "UTC",
		"logging_collector":       "off",
		"log_destination":         "stderr",
		// Nothing of a row may get into the server's log, since that lies outside
		// row-level security: no parameters, no statements, no DETAIL.
		"log_statement":                     "none",
		"log_min_duration_statement":        "-1",
		"log_parameter_max_length":          "0",
		"log_parameter_max_length_on_error": "0",
		"log_min_error_statement":           "panic",
		"log_error_verbosity":               "terse",
	}
	if !o.Durable {
		maps.Copy(s, map[string]string{
			"fsync":              "off",
			"synchronous_commit": "off",
			"full_page_writes":   "off",
			"autovacuum":         "off",
			"wal_level":          "minimal",
			"max_wal_senders":    "0",
			"shared_buffers":     "64MB",
		})
	}
	args := make([]string, 0, 2*len(s))
	for _, name := range slices.Sorted(maps.Keys(s)) {
		args = append(args, "-c", name+"="+s[name])
	}
	return args
}
