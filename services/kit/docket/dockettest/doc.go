// Package dockettest gives tests a database in which counties and cities keep
// obligations by their own acts, as the services' migrations let them. It must not be
// linked into what runs.
package dockettest
