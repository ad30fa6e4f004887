package fault

// Reasons that every service shares, and that code below the edge raises or
// looks for. They are the values of xunshi.fault.v1.ErrorReason without prefix;
// a test in package faultstatus keeps the two lists together.
const (
	ReasonFieldInvalid          = "FIELD_INVALID"
	ReasonCredentialsInvalid    = "CREDENTIALS_INVALID"
	ReasonMethodNotGranted      = "METHOD_NOT_GRANTED"
	ReasonNotFound              = "NOT_FOUND"
	ReasonAlreadyExists         = "ALREADY_EXISTS"
	ReasonETagMismatch          = "ETAG_MISMATCH"
	ReasonRequestIDReused       = "REQUEST_ID_REUSED"
	ReasonPageTokenMismatch     = "PAGE_TOKEN_MISMATCH"
	ReasonNameInvalid           = "NAME_INVALID"
	ReasonDeadlineInvalid       = "DEADLINE_INVALID"
	ReasonOverloaded            = "OVERLOADED"
	ReasonDependencyUnavailable = "DEPENDENCY_UNAVAILABLE"
	ReasonInternal              = "INTERNAL"
	ReasonEventOutOfOrder       = "EVENT_OUT_OF_ORDER"
	ReasonOutcomeUnknown        = "OUTCOME_UNKNOWN"
	ReasonConstraintViolated    = "CONSTRAINT_VIOLATED"
	ReasonConflict              = "CONFLICT"
	ReasonTooLarge              = "TOO_LARGE"
	ReasonUploadStalled         = "UPLOAD_STALLED"
)

// Keys of Meta that have a meaning beyond the text of the reason.
const (
	// MetaArticle cites the article that a refusal rests on, e.g. "12(2)".
	MetaArticle = "article"
	// MetaName is the requested resource name; it becomes the ResourceInfo.
	MetaName = "name"
)
