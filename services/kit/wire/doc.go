// Package wire is how legal days and instants stand in messages: a day as
// google.type.Date, an instant as Timestamp, and neither where there is none.
//
// It must not know what a day is for; a service that wants one says so by Day.
package wire
