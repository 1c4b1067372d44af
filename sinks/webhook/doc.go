// Package webhook posts alerts to a web server: as they are (ECS documents), as Alertmanager takes them (API v2), or as Falco's
// http_output sends them, so that what people have behind Falco (falcosidekick, say) takes them unchanged.
//
//	alerts -> format -> POST, with headers, token and signature from files -> what the answer means
//
// An answer of 2xx is success. What says that the request itself is bad (400, 413, 422 and other 4xx) is refused for ever; what
// says that something is not in order around it (401, 403, 404, 408, 429, 5xx, a redirect, no answer) is tried again. Redirects are
// not followed, answers are read up to a bound, and no error holds a credential, nor the path of the URL, which may be one.
//
// A server may get an alert twice, where it took it and its answer was lost: event.id and parallax.revision tell.
package webhook
