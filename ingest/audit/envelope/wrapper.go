package envelope

import "strings"

// wrapper opens an object of a log shipper, which has the line that it read in log or message, or a document of Elasticsearch.
func (o *Opener) wrapper(m *members) {
	switch {
	case m.isOfContainer():
		o.taker.Skip(OtherContainer, 1)
	case !isAuditStream(m.str("logStreamName")):
		o.taker.Skip(OtherComponent, 1)
	case m.has("log"):
		o.value(m.get("log"), Wrapped)
	case isObject(m.get("message")):
		o.message(m.get("message"))
	case m.has("message"):
		o.value(m.get("message"), Wrapped)
	default:
		o.value(m.get("_source"), Wrapped)
	}
}

// message opens a message of Pub/Sub, or an event that was parsed by the shipper.
func (o *Opener) message(v []byte) {
	m := readMembers(v)
	if isString(m.get("data")) && !m.has("kind") {
		o.packed(m.get("data"))
		return
	}
	o.value(v, Wrapped)
}

// isOfContainer says whether the shipper tells that a container other than the API server's printed the line: whoever may run a
// pod may print what looks like an audit event. (Fluent Bit's filter kubernetes, Filebeat's add_kubernetes_metadata.)
func (m *members) isOfContainer() bool {
	k := readMembers(m.get("kubernetes"))
	name := k.str("container_name")
	if c := readMembers(k.get("container")); name == "" {
		name = c.str("name")
	}
	namespace := k.str("namespace_name") + k.str("namespace")
	api := name == "kube-apiserver" && (namespace == "kube-system" || strings.HasPrefix(namespace, "openshift-"))
	return name != "" && !api
}
