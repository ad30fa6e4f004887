// Command scheduling runs the scheduling service: serve, migrate, events, version.
// It owns nothing but the exit code.
package main
