// Command gateway serves the REST edge.
package main
