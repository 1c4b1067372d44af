package envelope

import "strings"

// auditStream begins the names of the log streams that hold audit events. Others of the same group are kube-apiserver-,
// authenticator-, kube-controller-manager-, kube-scheduler- and cloud-controller-manager- (EKS, control plane logs).
const auditStream = "kube-apiserver-audit"

// cloudWatch opens what a subscription of a log group delivers.
func (o *Opener) cloudWatch(m *members) {
	events := m.get("logEvents")
	switch {
	case m.str("messageType") == "CONTROL_MESSAGE":
		o.taker.Skip(ControlMessage, 1)
	case !isAuditStream(m.str("logStream")):
		n := 0
		eachElement(events, func([]byte) { n++ })
		o.taker.Skip(OtherComponent, n)
	default:
		eachElement(events, o.logEvent)
	}
}

// logEvents opens what get-log-events and filter-log-events answer.
func (o *Opener) logEvents(m *members) { eachElement(m.get("events"), o.logEvent) }

// logEvent opens one event of CloudWatch.
func (o *Opener) logEvent(v []byte) {
	m := readMembers(v)
	if !isAuditStream(m.str("logStreamName")) {
		o.taker.Skip(OtherComponent, 1)
		return
	}
	o.value(m.get("message"), CloudWatch)
}

// isAuditStream says whether a log stream may hold audit events; one without a name may.
func isAuditStream(name string) bool { return name == "" || strings.HasPrefix(name, auditStream) }

// lambda opens what a Lambda function is called with.
func (o *Opener) lambda(m *members) {
	in := readMembers(m.get("awslogs"))
	o.packed(in.get("data"))
}

// records opens a list of records: of Azure, of Firehose, or of a Kinesis stream.
func (o *Opener) records(m *members) {
	list := m.get("records")
	if list == nil {
		list = m.get("Records")
	}
	eachElement(list, o.record)
}

func (o *Opener) record(v []byte) {
	m := readMembers(v)
	kinesis := readMembers(m.get("kinesis"))
	switch {
	case m.isAzure():
		o.azure(&m)
	case kinesis.has("data"):
		o.packed(kinesis.get("data"))
	case m.has("data"):
		o.packed(m.get("data"))
	default:
		o.taker.Refuse(errNoText)
	}
}
