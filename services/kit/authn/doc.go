// Package authn owns the proof of who a person is: it verifies a token of the
// identity provider (OpenID Connect) and reads from it the body and the
// jurisdiction that the person acts for.
//
// It must not decide what that body may do. A token that is not good is refused
// in one and the same way, whatever is wrong with it; the reason is the cause of
// the fault, for the log. Services are known by their certificates, not here.
package authn
