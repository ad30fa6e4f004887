// Package config owns example configurations of production: one file for each
// process, with every setting there is. An operator copies them and changes
// addresses and paths. The test keeps them true to what the processes read.
//
// It holds no secret and no setting of the devstack, and no program loads it.
package config
