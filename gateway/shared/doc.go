// Package shared lets the REST edge show what each of the three services keeps for
// itself, and answers by the same proto: obligations, notifications and receipts
// as one list each, the audit logs each under its name.
//
// What names an object goes to the service that the name tells; what asks for all
// goes to all three, and is answered whole or not at all. The package judges
// nobody, keeps nothing between two calls and has no key: the tokens inside its
// page tokens are the services' own, and they verify them.
package shared
