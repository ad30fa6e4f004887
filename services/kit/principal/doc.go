// Package principal owns who a caller is: a person or service, the body (party)
// it acts for, and the jurisdiction of that body. It travels in the context.
//
// It must not decide what a caller may do (package policy) nor how the identity
// was proved (package authn); it is never read from a request field.
package principal
