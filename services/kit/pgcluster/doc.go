// Package pgcluster owns a private PostgreSQL cluster: it finds the binaries,
// makes the data folder, runs the server as an unprivileged user on a unix
// socket, makes the roles and databases of the services, and stops the server
// with the program that started it, however that program ends.
//
// It serves the devstack and the tests. In production PostgreSQL is run by
// others, and only Provision is of use there. It must not know any table.
package pgcluster
