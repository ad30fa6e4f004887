// Command rectification runs the rectification service: serve, migrate, events,
// version. It must hold nothing but the call.
package main
