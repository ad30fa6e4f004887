// Package obligations lets the REST edge show the obligations and notifications
// that the three services keep, each its own, as one list.
//
// What names an object goes to the service that the name tells; what asks for all
// goes to all three, and is answered whole or not at all. The package judges
// nobody, keeps nothing between two calls and has no key: the tokens inside its
// page tokens are the services' own, and they verify them.
package obligations
