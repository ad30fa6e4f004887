// Command devstack runs the whole system on one machine, and plays the life of
// one county's inspection on it.
//
//	go run ./deploy/devstack           run until Ctrl-C
//	go run ./deploy/devstack demo      play, on the running stack or on its own
package main
