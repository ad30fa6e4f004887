// Command protodeps prints the third-party protos that ours import into a
// git-ignored folder, from the descriptors that the Go modules of go.mod carry.
// Generation therefore works offline, and protos and runtime cannot drift.
//
// It must not import this project's own generated code: a broken gen/ would
// then stand in the way of its own regeneration.
package main
