package providers

// The reasons an [Error] gives. They are stored with failures and typed by users, so a released word never changes.
const (
	ReasonConnect     = "connect"         // nothing answered at host:port
	ReasonDNS         = "dns"             // the host has no address
	ReasonTLS         = "tls"             // no trusted, encrypted connection
	ReasonTimeout     = "timeout"         // the whole call took too long, here or in the server's own opinion
	ReasonIdle        = "idle_timeout"    // the body began and then fell silent
	ReasonCut         = "cut"             // the connection ended before the answer did
	ReasonMalformed   = "malformed"       // an answer came that is not a completion
	ReasonTooLarge    = "too_large"       // the answer is larger than is read
	ReasonServer      = "server_error"    // the server says that it failed
	ReasonLoading     = "loading"         // the server is up, its model is not yet
	ReasonConflict    = "conflict"        // 409, 425
	ReasonAborted     = "aborted"         // the server gave up in the middle of the reply
	ReasonRateLimit   = "rate_limit"      // 429
	ReasonOverloaded  = "overloaded"      // 498, 529, 503 with Retry-After
	ReasonQuota       = "quota"           // no credit left
	ReasonBadKey      = "bad_key"         // 401, 403
	ReasonForbidden   = "forbidden"       // 403 for one request, with a key that is good for others
	ReasonModel       = "unknown_model"   // the server does not have this model
	ReasonNotFound    = "not_found"       // nothing is served under this path
	ReasonRedirect    = "redirect"        // the server points elsewhere; not followed
	ReasonContext     = "context_length"  // prompt and answer do not fit the model
	ReasonRequestSize = "request_size"    // the server takes no request this large
	ReasonFiltered    = "content_filter"  // the provider withholds an answer to this prompt
	ReasonUnsupported = "unsupported"     // the server does not know a field of the request
	ReasonInvalid     = "invalid_request" // any other complaint about the request
	ReasonPull        = "pull"            // Ollama could not fetch a model
	ReasonPromptCut   = "prompt_cut"      // the server answered a prompt of which it had read a part only
)
