package openapi

// Error is a call that the provider refuses. It has the provider's own shape only once [Provider.Refuse] rendered it.
type Error struct {
	Kind    Kind
	Message string // the cause and a hint; safe to send
	Field   string // the field, header or parameter at fault, where there is one
	Allow   string // the methods that are allowed, for Method
}

func (e *Error) Error() string { return string(e.Kind) + ": " + e.Message }

// Kind is why a call is refused. The folder gives each kind its HTTP status and body.
type Kind string

// The kinds that a folder must know, with the HTTP status that each has where a folder is silent.
const (
	MissingCredential Kind = "missing-credential" // 401
	BadCredential     Kind = "bad-credential"     // 401
	UnknownPath       Kind = "unknown-path"       // 404
	Method            Kind = "method"             // 405
	MediaType         Kind = "media-type"         // 415
	TooLarge          Kind = "too-large"          // 413
	BadJSON           Kind = "bad-json"           // 400
	Invalid           Kind = "invalid"            // 400
	Internal          Kind = "internal"           // 500
	Unavailable       Kind = "unavailable"        // 503
)

// MalformedCredential is a header with a credential that is not written as it has to be. Without a shape of its own, a
// provider answers as to a bad credential.
const MalformedCredential Kind = "malformed-credential"

// Forbidden is a key that is known and may not do this. Not every provider tells that apart: a folder may know it.
const Forbidden Kind = "forbidden"

// TooManyRequests is a call too many. A folder may know it; one that does not has the shape of its unavailable.
const TooManyRequests Kind = "too-many-requests"

// Kinds lists every kind that a folder must know.
func Kinds() []Kind {
	return []Kind{MissingCredential, BadCredential, UnknownPath, Method, MediaType, TooLarge, BadJSON, Invalid, Internal, Unavailable}
}
