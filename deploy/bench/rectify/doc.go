// Command rectify measures the hot paths of the rectification service on one
// machine and in one run: W, the report of progress on an item; R1, one case with
// its twenty items; R2, the fiftieth page of a list filtered by city and state. Each
// goes through gRPC and through REST with the whole chain on, beside pgbench that
// replays the very statements of the service, and beside peers on the same data.
//
// Rounds are interleaved, so that what else the machine does falls on all alike:
// read ratios, not rates. It must hold no rule of the business, and proves no
// behaviour; see deploy/bench/README.md for how to read it.
package main
