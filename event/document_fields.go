package event

import "strings"

// ecsVersion is the version of the Elastic Common Schema that the fields marked as ECS are from.
const ecsVersion = "8.17.0"

// docFields is every field that a document may have, sorted by name, so that the fields of one object stand together.
// Sources: elastic/ecs 8.17 for the fields of ECS, the mapping of Elastic's integration "kubernetes", data stream
// audit_logs, for kubernetes.audit.*, and Metricbeat's for the rest of kubernetes.*.
var docFields = []DocField{
	{"@timestamp", true, "date", "time of the anchor: stageTimestamp of an event, requestReceivedTimestamp of a request", func(w *docWriter) { w.time(w.a.TimeNs) }},
	{"container.image.hash.all", true, "keyword", "digest in the image reference", func(w *docWriter) { w.one(ParseImage(w.d.Image).Digest) }},
	{"container.image.name", true, "keyword", "image without tag and digest", func(w *docWriter) { w.text(ParseImage(w.d.Image).Repository) }},
	{"container.image.tag", true, "keyword", "tag in the image reference", func(w *docWriter) { w.one(ParseImage(w.d.Image).Tag) }},
	{"container.name", true, "keyword", "the container that matched, or that exec names", func(w *docWriter) { w.text(w.d.Container) }},
	{"data_stream.dataset", true, "constant_keyword", "parallax.alert", func(w *docWriter) { w.text("parallax.alert") }},
	{"data_stream.namespace", true, "constant_keyword", "default", func(w *docWriter) { w.text("default") }},
	{"data_stream.type", true, "constant_keyword", "logs", func(w *docWriter) { w.text("logs") }},
	{"ecs.version", true, "keyword", "version of ECS that the document follows", func(w *docWriter) { w.text(ecsVersion) }},
	{"event.action", true, "keyword", "what was done: the semantic verb of the request", func(w *docWriter) { w.text(w.d.Action) }},
	{"event.category", true, "keyword", "categories of the event, and intrusion_detection", func(w *docWriter) { w.texts(categories(w.d)) }},
	{"event.code", true, "keyword", "the rule's id, or its name where it has none", func(w *docWriter) { w.text(w.a.Rule.Key()) }},
	{"event.dataset", true, "keyword", "parallax.alert", func(w *docWriter) { w.text("parallax.alert") }},
	{"event.id", true, "keyword", "id of the alert, from rule and anchor: the same in every run", func(w *docWriter) { w.text(w.a.ID) }},
	{"event.kind", true, "keyword", "alert; event where it is given out as it is", func(w *docWriter) { w.kind() }},
	{"event.module", true, "keyword", "parallax", func(w *docWriter) { w.text("parallax") }},
	{"event.outcome", true, "keyword", "success, failure or unknown", func(w *docWriter) { w.text(w.d.Outcome) }},
	{"event.provider", true, "keyword", "parallax-engine", func(w *docWriter) { w.text("parallax-engine") }},
	{"event.reason", true, "keyword", "one sentence: the rule's output", func(w *docWriter) { w.visible(w.a.Reason) }},
	{"event.risk_score", true, "float", "the same as event.severity", func(w *docWriter) { w.severity() }},
	{"event.severity", true, "long", "21 low, 47 medium, 73 high, 99 critical", func(w *docWriter) { w.severity() }},
	{"event.type", true, "keyword", "creation, change, deletion, access, admin, denied, or info", func(w *docWriter) { w.texts(types(w.d)) }},
	{"http.response.status_code", true, "long", "the API server's answer", func(w *docWriter) { w.code(w.audit.Code) }},
	{"kubernetes.audit.annotations.authorization_k8s_io/decision", false, "keyword", "allow or forbid", func(w *docWriter) { w.text(w.audit.Decision) }},
	{"kubernetes.audit.annotations.authorization_k8s_io/reason", false, "keyword", "why the request was allowed or forbidden", func(w *docWriter) { w.text(w.audit.DecisionReason) }},
	{"kubernetes.audit.auditID", false, "keyword", "the request's id in the audit log; the client may choose it", func(w *docWriter) { w.text(w.audit.AuditID) }},
	{"kubernetes.audit.impersonatedUser.groups", false, "keyword", "groups impersonated", func(w *docWriter) { w.texts(w.d.ImpGroups) }},
	{"kubernetes.audit.impersonatedUser.username", false, "keyword", "user impersonated", func(w *docWriter) { w.text(w.d.Impersonated) }},
	{"kubernetes.audit.level", false, "keyword", "how much the audit policy had recorded", func(w *docWriter) { w.text(w.audit.Level) }},
	{"kubernetes.audit.objectRef.apiGroup", false, "keyword", "the object's API group; none is the core group", func(w *docWriter) { w.text(w.d.APIGroup) }},
	{"kubernetes.audit.objectRef.apiVersion", false, "keyword", "the object's API version", func(w *docWriter) { w.text(w.audit.APIVersion) }},
	{"kubernetes.audit.objectRef.name", false, "keyword", "the object's name", func(w *docWriter) { w.text(w.d.Name) }},
	{"kubernetes.audit.objectRef.namespace", false, "keyword", "the object's namespace", func(w *docWriter) { w.text(w.d.Namespace) }},
	{"kubernetes.audit.objectRef.resource", false, "keyword", "the object's resource", func(w *docWriter) { w.text(w.d.Resource) }},
	{"kubernetes.audit.objectRef.subresource", false, "keyword", "the object's subresource", func(w *docWriter) { w.text(w.d.Subres) }},
	{"kubernetes.audit.objectRef.uid", false, "keyword", "the object's uid", func(w *docWriter) { w.text(w.d.ObjectUID) }},
	{"kubernetes.audit.requestReceivedTimestamp", false, "date", "when the API server got the request", func(w *docWriter) { w.time(w.d.ReceivedNs) }},
	{"kubernetes.audit.requestURI", false, "keyword", "path and query, scrubbed of what looks like credentials", func(w *docWriter) { w.text(w.audit.RequestURI) }},
	{"kubernetes.audit.responseStatus.code", false, "integer", "the API server's answer", func(w *docWriter) { w.code(w.audit.Code) }},
	{"kubernetes.audit.responseStatus.reason", false, "keyword", "the API server's reason", func(w *docWriter) { w.text(w.audit.Reason) }},
	{"kubernetes.audit.sourceIPs", false, "keyword", "all addresses; all but the last are what the client says", func(w *docWriter) { w.texts(w.audit.SourceIPs) }},
	{"kubernetes.audit.stage", false, "keyword", "RequestReceived, ResponseStarted, ResponseComplete or Panic", func(w *docWriter) { w.text(w.audit.Stage) }},
	{"kubernetes.audit.stageTimestamp", false, "date", "when the request reached this stage", func(w *docWriter) { w.stageTime() }},
	{"kubernetes.audit.user.groups", false, "keyword", "groups of who authenticated", func(w *docWriter) { w.texts(w.d.Groups) }},
	{"kubernetes.audit.user.uid", false, "keyword", "uid of who authenticated", func(w *docWriter) { w.text(w.d.UserUID) }},
	{"kubernetes.audit.user.username", false, "keyword", "who authenticated", func(w *docWriter) { w.text(w.d.User) }},
	{"kubernetes.audit.userAgent", false, "keyword", "what the client says it is", func(w *docWriter) { w.text(w.d.UserAgent) }},
	{"kubernetes.audit.verb", false, "keyword", "the request's verb", func(w *docWriter) { w.text(w.audit.Verb) }},
	{"kubernetes.container.name", false, "keyword", "the same as container.name", func(w *docWriter) { w.text(w.d.Container) }},
	{"kubernetes.namespace", false, "keyword", "the same as orchestrator.namespace", func(w *docWriter) { w.text(w.d.Namespace) }},
	{"kubernetes.node.name", false, "keyword", "the object's name where it is a node", func(w *docWriter) { w.text(only(w.d, "nodes", w.d.Name)) }},
	{"kubernetes.pod.name", false, "keyword", "the object's name where it is a pod", func(w *docWriter) { w.text(only(w.d, "pods", w.d.Name)) }},
	{"kubernetes.pod.uid", false, "keyword", "the pod's uid", func(w *docWriter) { w.text(w.d.PodUID) }},
	{"message", true, "match_only_text", "short title", func(w *docWriter) { w.visible(w.a.Message) }},
	{"observer.product", true, "keyword", "Parallax", func(w *docWriter) { w.text("Parallax") }},
	{"observer.type", true, "keyword", "sensor", func(w *docWriter) { w.text("sensor") }},
	{"observer.vendor", true, "keyword", "Parallax", func(w *docWriter) { w.text("Parallax") }},
	{"orchestrator.api_version", true, "keyword", "API version of the object", func(w *docWriter) { w.text(w.audit.APIVersion) }},
	{"orchestrator.cluster.name", true, "keyword", "the cluster's name, where it is known", func(w *docWriter) { w.text(w.d.Cluster) }},
	{"orchestrator.namespace", true, "keyword", "namespace of the object", func(w *docWriter) { w.text(w.d.Namespace) }},
	{"orchestrator.resource.id", true, "keyword", "uid of the object; of a pod, the pod's", func(w *docWriter) { w.text(objectUID(w.d)) }},
	{"orchestrator.resource.name", true, "keyword", "name of the object", func(w *docWriter) { w.text(w.d.Name) }},
	{"orchestrator.resource.type", true, "keyword", "what the object is: pod, deployment", func(w *docWriter) { w.text(singular(w.d.Resource)) }},
	{"orchestrator.type", true, "keyword", "kubernetes", func(w *docWriter) { w.text("kubernetes") }},
	{"parallax.actor.class", false, "keyword", "human, sa, node, controlplane, kcm-sa, cloud or anonymous", func(w *docWriter) { w.text(w.d.ActorClass) }},
	{"parallax.actor.principal", false, "keyword", "the person behind a shared user", func(w *docWriter) { w.text(w.d.Principal) }},
	{"parallax.anchors", false, "keyword", "content ids of the events or requests that the alert is about", func(w *docWriter) { w.texts(w.a.Anchors) }},
	{"parallax.blind", false, "keyword", "what could not be seen", func(w *docWriter) { w.texts(w.d.Blind) }},
	{"parallax.confidence", false, "keyword", "exact, or partial: judged on a fragment of the object", func(w *docWriter) { w.text(string(w.a.Confidence)) }},
	{"parallax.events", false, "keyword", "audit ids of the events that the alert is about", func(w *docWriter) { w.texts(auditIDs(w.audit)) }},
	{"parallax.late", false, "boolean", "judged after its place in event-time order had been given out", func(w *docWriter) { w.bool(w.a.Late) }},
	{"parallax.revision", false, "integer", "0 is the first", func(w *docWriter) { w.number(w.a.Revision) }},
	{"parallax.status", false, "keyword", "provisional, confirmed, retracted or unverifiable", func(w *docWriter) { w.text(string(w.a.Status)) }},
	{"process.args", true, "keyword", "command of an exec, scrubbed of what looks like credentials", func(w *docWriter) { w.texts(w.d.Command) }},
	{"process.args_count", true, "long", "number of arguments, the command among them", func(w *docWriter) { w.code(len(w.d.Command)) }},
	{"process.command_line", true, "wildcard", "the command's arguments joined by blanks", func(w *docWriter) { w.text(strings.Join(w.d.Command, " ")) }},
	{"process.interactive", true, "boolean", "an exec asked for a terminal", func(w *docWriter) { w.tty() }},
	{"related.hosts", true, "keyword", "the pod or node that the alert is about", func(w *docWriter) { w.texts(hosts(w.d)) }},
	{"related.ip", true, "ip", "every address", func(w *docWriter) { w.texts(addresses(w.d, w.audit)) }},
	{"related.user", true, "keyword", "every user", func(w *docWriter) { w.texts(users(w.d)) }},
	{"rule.description", true, "keyword", "what the rule looks for", func(w *docWriter) { w.text(w.a.Rule.Description) }},
	{"rule.id", true, "keyword", "the rule's id, or its name where it has none", func(w *docWriter) { w.text(w.a.Rule.Key()) }},
	{"rule.name", true, "keyword", "the rule's name", func(w *docWriter) { w.text(w.a.Rule.Name) }},
	{"source.ip", true, "ip", "the last address: the one that the API server saw", func(w *docWriter) { w.text(address(w.d.SourceIP)) }},
	{"tags", true, "keyword", "parallax, and the rule's tags", func(w *docWriter) { w.texts(append([]string{"parallax"}, w.a.Rule.Tags...)) }},
	{"threat.framework", true, "keyword", "MITRE ATT&CK, where the rule names a technique", func(w *docWriter) { w.framework() }},
	{"threat.tactic.id", true, "keyword", "all tactics that ATT&CK lists the techniques under", func(w *docWriter) { w.texts(w.a.Rule.Threat.TacticIDs) }},
	{"threat.tactic.name", true, "keyword", "their names", func(w *docWriter) { w.texts(w.a.Rule.Threat.TacticNames) }},
	{"threat.technique.id", true, "keyword", "techniques that the rule names", func(w *docWriter) { w.texts(w.a.Rule.Threat.TechniqueIDs) }},
	{"threat.technique.name", true, "keyword", "their names", func(w *docWriter) { w.texts(w.a.Rule.Threat.TechniqueNames) }},
	{"threat.technique.subtechnique.id", true, "keyword", "sub-techniques that the rule names", func(w *docWriter) { w.texts(w.a.Rule.Threat.SubtechniqueIDs) }},
	{"threat.technique.subtechnique.name", true, "keyword", "their names", func(w *docWriter) { w.texts(w.a.Rule.Threat.SubtechniqueNames) }},
	{"url.original", true, "wildcard", "path and query, scrubbed of what looks like credentials", func(w *docWriter) { w.text(w.audit.RequestURI) }},
	{"user.effective.name", true, "keyword", "the user impersonated", func(w *docWriter) { w.text(w.d.Impersonated) }},
	{"user.id", true, "keyword", "uid of who authenticated", func(w *docWriter) { w.text(w.d.UserUID) }},
	{"user.name", true, "keyword", "who authenticated", func(w *docWriter) { w.text(w.d.User) }},
	{"user_agent.original", true, "keyword", "what the client says it is", func(w *docWriter) { w.text(w.d.UserAgent) }},
}

func (w *docWriter) kind() {
	if w.a.Plain {
		w.text("event")
	} else {
		w.text("alert")
	}
}

func (w *docWriter) severity() {
	if !w.a.Plain {
		w.number(w.a.Severity)
	}
}

// stageTime is written for audit events only; the event time of others is @timestamp.
func (w *docWriter) stageTime() {
	if w.d.Audit != nil {
		w.time(w.d.TimeNs)
	}
}

func (w *docWriter) tty() {
	if w.d.TTY != "" {
		w.bool(w.d.TTY == "true")
	}
}

func (w *docWriter) framework() {
	if len(w.a.Rule.Threat.TechniqueIDs) > 0 {
		w.text("MITRE ATT&CK")
	}
}
