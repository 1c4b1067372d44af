package envelope

import (
	"strconv"
	"strings"
)

// kubernetesService is protoPayload.serviceName of what the API server of a GKE cluster logs.
const kubernetesService = "k8s.io"

// google makes an event of an entry of Cloud Logging. What the entry does not tell (Kind.Lost) is left out, not guessed.
func (o *Opener) google(m *members) {
	p := readMembers(m.get("protoPayload"))
	if p.str("serviceName") != kubernetesService {
		o.taker.Skip(OtherService, 1)
		return
	}
	asks := requestOf(p.str("methodName"), p.str("resourceName"))
	from, who := readMembers(p.get("requestMetadata")), readMembers(p.get("authenticationInfo"))
	w := o.newWriter()
	w.str("level", levelOf(&p))
	w.str("auditID", auditIDOf(m))
	w.str("stage", stageOf(m))
	w.str("requestURI", asks.uri())
	w.str("verb", asks.verb)
	w.object("user", "username", who.str("principalEmail"))
	if ip := from.str("callerIp"); ip != "" {
		w.key("sourceIPs")
		w.strs(ip)
	}
	w.str("userAgent", from.str("callerSuppliedUserAgent"))
	if asks.resource != "" {
		w.object("objectRef", "resource", asks.resource, "namespace", asks.namespace, "name", asks.name,
			"apiGroup", asks.group, "apiVersion", asks.version, "subresource", asks.subresource)
	}
	w.status(&p)
	w.body("requestObject", p.get("request"))
	w.body("responseObject", p.get("response"))
	w.str("stageTimestamp", m.str("timestamp"))
	w.labels(m)
	o.taker.Value(w.done(), GKE)
}

// levelOf is the audit level that what an entry has comes from.
func levelOf(p *members) string {
	switch {
	case isObject(p.get("response")):
		return "RequestResponse"
	case isObject(p.get("request")):
		return "Request"
	}
	return "Metadata"
}

// auditIDOf is the id of the request: that of the operation, which all entries of one request share, else that of the entry.
func auditIDOf(m *members) string {
	operation := readMembers(m.get("operation"))
	if id := operation.str("id"); id != "" {
		return id
	}
	return m.str("insertId")
}

// stageOf is the stage that an entry tells of: the first entry of a long request says that it was let in.
func stageOf(m *members) string {
	operation := readMembers(m.get("operation"))
	if isTrue(operation.get("first")) && !isTrue(operation.get("last")) {
		return "ResponseStarted"
	}
	return "ResponseComplete"
}

func isTrue(v []byte) bool { return string(v) == "true" }

// status writes responseStatus: that of the response where it is one (Status of the Kubernetes API), else what
// protoPayload.status tells: of a failure its code, of a success that it was one.
func (w *writer) status(p *members) {
	response, status := readMembers(p.get("response")), readMembers(p.get("status"))
	code, _ := strconv.Atoi(string(status.get("code")))
	switch {
	case response.str("kind") == "Status" && response.has("code"):
		w.key("responseStatus")
		w.buf = append(w.buf, `{"metadata":{}`...)
		w.str("status", response.str("status"))
		w.str("message", response.str("message"))
		w.str("reason", response.str("reason"))
		w.raw("code", response.get("code"))
		w.buf = append(w.buf, '}')
	case code != 0:
		w.key("responseStatus")
		w.buf = append(w.buf, `{"metadata":{},"status":"Failure"`...)
		w.str("message", status.str("message"))
		if http := httpCode(code); http != 0 {
			w.key("code")
			w.buf = strconv.AppendInt(w.buf, int64(http), 10)
		}
		w.buf = append(w.buf, '}')
	case isObject(p.get("status")):
		w.key("responseStatus")
		w.buf = append(w.buf, `{"metadata":{},"status":"Success"}`...)
	}
}

// httpCode is the code of HTTP for a google.rpc.Code, as google/rpc/code.proto maps it; 0 where it does not.
func httpCode(code int) int {
	codes := [...]int{1: 499, 2: 500, 3: 400, 4: 504, 5: 404, 6: 409, 7: 403, 8: 429, 9: 400, 10: 409, 11: 400, 12: 501, 13: 500, 14: 503, 15: 500, 16: 401}
	if code < 0 || code >= len(codes) {
		return 0
	}
	return codes[code]
}

// body writes a body, if it is one.
func (w *writer) body(key string, v []byte) {
	if isObject(v) {
		w.raw(key, v)
	}
}

// labels writes the labels of an entry, which are the event's annotations, and which cluster it is about.
func (w *writer) labels(m *members) {
	w.key("annotations")
	w.buf = append(w.buf, '{')
	first := true
	add := func(key, value []byte) bool {
		if !isString(value) {
			return true
		}
		if !first {
			w.buf = append(w.buf, ',')
		}
		first = false
		w.quoted(string(key))
		w.buf = append(w.buf, ':')
		w.buf = append(w.buf, value...)
		return true
	}
	eachMember(m.get("labels"), add)
	resource := readMembers(m.get("resource"))
	eachMember(resource.get("labels"), add)
	w.buf = append(w.buf, '}')
}

// request is what an entry says that was asked.
type request struct {
	group, version, namespace, resource, name, subresource string
	verb                                                   string
	rest                                                   string // of the path, behind a subresource
	path                                                   string // of what is no resource
}

// requestOf reads a method as io.k8s.core.v1.pods.exec.create and a resource as core/v1/namespaces/NAMESPACE/pods/NAME/exec.
func requestOf(method, name string) request {
	r := request{verb: method[strings.LastIndexByte(method, '.')+1:]}
	parts := strings.Split(name, "/")
	if len(parts) < 3 || !isVersion(parts[1]) {
		r.path = name
		return r
	}
	r.group, r.version, parts = parts[0], parts[1], parts[2:]
	if r.group == "core" {
		r.group = ""
	}
	if parts[0] == "namespaces" && len(parts) > 1 {
		r.namespace = parts[1]
		if len(parts) > 2 && !isNamespacePart(method, parts[2]) {
			parts = parts[2:]
		}
	}
	r.resource, parts = parts[0], parts[1:]
	for _, part := range []*string{&r.name, &r.subresource} {
		if len(parts) > 0 {
			*part, parts = parts[0], parts[1:]
		}
	}
	r.rest = strings.Join(parts, "/")
	return r
}

// isNamespacePart says whether a word behind the name of a namespace is a subresource of the namespace and no resource in it
// (k8s.io/apiserver, endpoints/request, namespaceSubresources).
func isNamespacePart(method, word string) bool {
	return (word == "status" || word == "finalize") && strings.Contains(method, ".namespaces.")
}

// isVersion says whether s is a version of an API: v1, v2beta1.
func isVersion(s string) bool { return len(s) > 1 && s[0] == 'v' && s[1] >= '0' && s[1] <= '9' }

// uri is the path of the request, as far as it is told. The name of what is created does not stand in it.
func (r *request) uri() string {
	if r.resource == "" {
		if r.path == "" {
			return ""
		}
		return "/" + r.path
	}
	parts := []string{"", "apis", r.group, r.version}
	if r.group == "" {
		parts = []string{"", "api", r.version}
	}
	if r.namespace != "" && r.resource != "namespaces" {
		parts = append(parts, "namespaces", r.namespace)
	}
	parts = append(parts, r.resource)
	if r.verb != "create" || r.subresource != "" {
		parts = append(parts, r.name, r.subresource, r.rest)
	}
	for len(parts) > 0 && parts[len(parts)-1] == "" {
		parts = parts[:len(parts)-1]
	}
	return strings.Join(parts, "/")
}
