// Package bench holds the benchmarks of what every call pays for: counting
// working days, judging the policy, and writing and reading JSON. `make bench`
// runs them.
//
// It must not hold tests of behaviour; each benchmark only makes sure that what
// it times did its work. Load on the whole system is measured by rectify.
package bench
