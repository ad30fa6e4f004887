// Package archtest holds the rules of the house as tests: who may import whom,
// what only one package may call, how large a file may be, that every table is
// behind row-level security, that every reason of refusal is listed and used,
// and that every RPC has a policy, an article, a comment and an expectation.
//
//	go test -count=1 ./deploy/archtest
//	go test -count=1 ./deploy/archtest -update   # after a wanted change of HTTP rules
//
// A rule is a function from what was found in the tree to a list of complaints,
// so that a second test can feed it a bad example and see that it bites. A rule
// that finds nothing to look at fails too.
//
// The package must not hold rules of the regulation, and nothing imports it.
package archtest
