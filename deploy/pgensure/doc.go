// Command pgensure makes sure that a PostgreSQL server is installed before the
// tests want one: it installs Debian's package when it is root and none is
// there, and else says what to install. It starts nothing.
package main
