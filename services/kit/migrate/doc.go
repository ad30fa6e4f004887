// Package migrate brings the database of a service to the version its code
// needs: first the kit's own part (signed scope, request log, outbox, inbox,
// audit, task members, River's tables), then the service's.
//
// It runs as the owner role, from its own command; a serving process only asks
// whether the version is the one it requires.
package migrate
