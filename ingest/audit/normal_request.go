package audit

import (
	"strings"

	"github.com/parallax-sec/parallax/ingest/audit/tape"
)

// The semantic verbs. Verbs of the API that are none of them stand for themselves.
const (
	actCreate      = "create"
	actModify      = "modify"
	actDelete      = "delete"
	actExec        = "exec"
	actAttach      = "attach"
	actPortforward = "portforward"
	actProxy       = "proxy"
	actRead        = "read"
)

// act is what the request does, whatever verb does it; "" where the event has no verb.
//
// exec, attach, port-forward and proxy are subresources, asked for with get (WebSocket) as well as create (SPDY). A patch or
// update that is answered 201 has created (server-side apply, create on update).
func (e *Event) act() string {
	switch sub, _ := e.str(&e.object.subresource); sub {
	case actExec, actAttach, actPortforward, actProxy:
		return sub
	}
	verb, _ := e.str(&e.verb)
	switch verb {
	case "patch", "update":
		if e.code() == 201 {
			return actCreate
		}
		return actModify
	case "delete", "deletecollection":
		return actDelete
	case "get", "list", "watch":
		return actRead
	}
	return verb
}

// read is how much a read reads: "one" object, a "list", a "watch"; "" where the request is no read. A get without a name
// is a list.
func (e *Event) read() string {
	if e.act() != actRead {
		return ""
	}
	verb, _ := e.str(&e.verb)
	name, _ := e.str(&e.object.name)
	if verb == "get" {
		if e.object.present && name == "" {
			return "list"
		}
		return "one"
	}
	return verb
}

// connects says whether the request is one that the API server passes on to a pod, node or service.
func (e *Event) connects() bool {
	switch e.act() {
	case actExec, actAttach, actPortforward, actProxy:
		return true
	}
	return false
}

// done says whether this is an event that gives the verdict on its request: the last stage, and for requests that stay
// open (exec, attach, port-forward, proxy, watch, log with follow) the stage that says that they were let in, too.
func (e *Event) done() bool {
	stage, _ := e.str(&e.stage)
	switch stage {
	case "ResponseComplete", "Panic":
		return true
	case "ResponseStarted":
		return e.longRunning()
	}
	return false
}

func (e *Event) longRunning() bool {
	if verb, _ := e.str(&e.verb); verb == "watch" {
		return true
	}
	sub, _ := e.str(&e.object.subresource)
	return e.connects() || sub == "log" && e.flagParam("follow")
}

// code is responseStatus.code; 0 where there is none.
func (e *Event) code() int {
	n := 0
	for _, c := range e.raw(e.status.code) {
		if c < '0' || c > '9' || n > 9999 {
			return 0
		}
		n = n*10 + int(c-'0')
	}
	return n
}

// closedEarly is responseStatus.message of the success that the API server makes up when a connection went away before
// there was an answer (k8s.io/apiserver, endpoints/filters, WithAudit).
const closedEarly = "Connection closed early"

// ok says how the request went: yes (2xx and 101), no (4xx), unknown (all else: a 504 may well have created something).
func (e *Event) ok() string {
	stage, _ := e.str(&e.stage)
	message, _ := e.str(&e.status.message)
	code := e.code()
	switch {
	case stage == "Panic" || message == closedEarly:
		return "unknown"
	case code >= 200 && code < 300 || code == 101:
		return "yes"
	case code >= 400 && code < 500:
		return "no"
	case code == 0 && e.succeeded():
		return "yes"
	}
	return "unknown"
}

// succeeded says whether the status says so in words, which it does without a code where a log does not tell the code (GKE).
func (e *Event) succeeded() bool {
	s, _ := e.str(&e.status.status)
	return s == "Success" && !e.status.code.present()
}

// denied says whether the request was forbidden.
func (e *Event) denied() bool {
	if e.code() == 403 {
		return true
	}
	d, _ := e.decision()
	return d == "forbid"
}

// dry says whether a write was to be tried only: dryRun=All in the query, or in the DeleteOptions of a delete. The API
// server ignores it on reads and refuses it on exec and proxy, so there it must not silence a rule.
func (e *Event) dry() bool {
	if !e.object.present {
		return false
	}
	act := e.act()
	if act != actCreate && act != actModify && act != actDelete {
		return false
	}
	for q := e.query(); q.next(); {
		if q.is("dryRun") && e.unescape(q.value, true) == "All" {
			return true
		}
	}
	if act == actDelete {
		for option := range e.request().Get("dryRun").Elements() {
			if option.Text() == "All" {
				return true
			}
		}
	}
	return false
}

// skippedBody is what AKS writes in the place of a body that it found too big.
const skippedBody = "skipped-too-big-size-object"

// truncated says whether bodies were left out of the event because of their size: the API server's annotation
// (k8s.io/apiserver, plugin/pkg/audit/truncate), or AKS' marker.
func (e *Event) truncated() bool {
	if v, _ := e.annotation("audit.k8s.io/truncated"); v == "true" {
		return true
	}
	e.guess()
	b := &e.bodies
	return e.beginsText(b.request) && isText(e.request(), skippedBody) || e.beginsText(b.response) && isText(e.response(), skippedBody)
}

// beginsText says whether a value is a string, if it is a value.
func (e *Event) beginsText(s span) bool { return s.present() && e.line[s.lo] == '"' }

// isText says whether n is a string that reads want.
func isText(n tape.Node, want string) bool { return n.Kind() == tape.String && n.Text() == want }

// execArgv is the command of an exec, word by word: into a pod through the API server, or through nodes/proxy by the kubelet's
// own /exec and /run. It is valid as long as the event.
func (e *Event) execArgv() []string {
	param := ""
	switch p, _ := e.proxyPath(); {
	case e.act() == actExec || strings.HasPrefix(p, "/exec/"):
		param = "command"
	case strings.HasPrefix(p, "/run/"):
		param = "cmd"
	default:
		return nil
	}
	v := e.derived()
	if v.argv.done {
		return v.argv.words
	}
	v.argv.done, v.argv.words = true, v.argv.words[:0]
	for q := e.query(); q.next(); {
		if q.is(param) {
			v.argv.words = append(v.argv.words, e.unescape(q.value, true))
		}
	}
	return v.argv.words
}

// execCommand is the command of an exec, its words joined by blanks.
func (e *Event) execCommand() string {
	words := e.execArgv()
	return e.keep(func(dst []byte) []byte {
		for i, word := range words {
			if i > 0 {
				dst = append(dst, ' ')
			}
			dst = append(dst, word...)
		}
		return dst
	})
}

// execPlain is execCommand with runs of blanks, and of slashes with or without dots between them, each as one.
func (e *Event) execPlain() string {
	command := e.execCommand()
	return e.keep(func(dst []byte) []byte {
		var last byte
		for i := 0; i < len(command); i++ {
			c := command[i]
			if c == '\t' || c == '\n' {
				c = ' '
			}
			switch {
			case (c == ' ' || c == '/') && last == c:
			case c == '.' && last == '/' && i+1 < len(command) && command[i+1] == '/':
			default:
				dst = append(dst, c)
				last = c
			}
		}
		return dst
	})
}

// execContainer is the container that exec, attach or a kubelet's /exec, /run or /attach names.
func (e *Event) execContainer() (string, bool) {
	switch e.act() {
	case actExec, actAttach:
		return e.param("container")
	case actProxy:
		p, _ := e.proxyPath()
		kind, rest, _ := strings.Cut(strings.TrimPrefix(p, "/"), "/")
		if kind == "exec" || kind == "run" || kind == "attach" {
			return rest[strings.LastIndexByte(rest, '/')+1:], strings.Count(rest, "/") >= 2
		}
	}
	return "", false
}
