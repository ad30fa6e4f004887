package fault

// Kind says what class of failure a fault is. It decides the status code, and
// whether a repeat of the call can help.
type Kind int

// The kinds. The zero value is none of them, and is answered as Internal.
const (
	// Invalid: the request has a wrong shape.
	Invalid Kind = iota + 1
	// Unauthenticated: no credentials, or bad ones.
	Unauthenticated
	// Denied: the method is not given to the caller's party.
	Denied
	// NotFound: nothing there, or nothing there for this caller; both are alike.
	NotFound
	// Exists: a name or number is taken.
	Exists
	// Stale: the object changed since it was read.
	Stale
	// Precondition: a rule or the state of the object forbids it.
	Precondition
	// Contended: concurrent callers stood in the way until we gave up. Nothing took
	// effect, and nothing was decided about the request.
	Contended
	// Exhausted: a limit is reached.
	Exhausted
	// Unavailable: something depended on does not answer.
	Unavailable
	// Timeout: the deadline passed.
	Timeout
	// Internal: a failure of ours; its cause is for the log only.
	Internal
)

// String names the kind for logs and tests.
func (k Kind) String() string {
	switch k {
	case Invalid:
		return "Invalid"
	case Unauthenticated:
		return "Unauthenticated"
	case Denied:
		return "Denied"
	case NotFound:
		return "NotFound"
	case Exists:
		return "Exists"
	case Stale:
		return "Stale"
	case Precondition:
		return "Precondition"
	case Contended:
		return "Contended"
	case Exhausted:
		return "Exhausted"
	case Unavailable:
		return "Unavailable"
	case Timeout:
		return "Timeout"
	case Internal:
		return "Internal"
	default:
		return "Unknown"
	}
}

// Deterministic reports whether the same request against the same state fails
// the same way again, so that the refusal may be stored as the answer to a
// request_id.
func (k Kind) Deterministic() bool {
	switch k {
	case Invalid, NotFound, Exists, Stale, Precondition:
		return true
	default:
		return false
	}
}
