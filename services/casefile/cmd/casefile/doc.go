// Command casefile runs the casefile service: serve, migrate, events, version.
// It owns nothing but the exit code.
package main
