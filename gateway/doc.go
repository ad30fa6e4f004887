// Package gateway is the REST edge: JSON over HTTP for county and city systems
// and for the provincial office's own, in front of the three services.
//
// It translates and refuses what is not well formed; it knows no rule of the
// regulation, holds no state and keeps no credentials. Who the caller is, the
// services judge from the bearer token that it passes on.
package gateway
