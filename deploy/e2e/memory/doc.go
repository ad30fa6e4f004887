// Package memory proves how little memory a large document needs: it runs the service
// and the edge as the processes that an operator runs, and reads from the kernel what
// each took at most. It bounds bytes, never time.
package memory
