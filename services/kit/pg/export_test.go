package pg

// Sign lets a test hold a scope in its hands.
var Sign = sign
