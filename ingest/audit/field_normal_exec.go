package audit

import "github.com/parallax-sec/parallax/event"

func execFields() []event.Field {
	const noExec = "the request is no exec"
	flag := func(name, doc string) event.Field {
		return event.Field{
			Name: "exec." + name, Type: event.Bool, Cost: costHead, Doc: doc, From: "requestURI, parameter " + name, Null: "the request is neither exec nor attach, or the log does not tell its query (GKE)",
			Get: get(func(e *Event, _ *event.Arg, v *event.Value) {
				if act := e.act(); (act == actExec || act == actAttach) && !e.queryLost() {
					v.SetBool(e.flagParam(name))
				}
			}),
		}
	}
	return []event.Field{
		{
			Name: "exec.command", Cost: costHead,
			Doc:  "Command of an exec, words joined by blanks. A command that nodes/proxy hands to the kubelet's own /exec or /run counts.",
			From: "requestURI, parameters command (kubelet's /run: cmd)", Null: noExec,
			Get: ofString((*Event).execCommand),
		},
		{
			Name: "exec.plain", Cost: costHead,
			Doc: "Command of an exec as exec.command, with one blank for any run of blanks, and repeated slashes and /./ in paths as one slash: what a rule " +
				"compares, so that spelling hides nothing.",
			From: "requestURI, parameters command (kubelet's /run: cmd)", Null: noExec,
			Get: ofString((*Event).execPlain),
		},
		{
			Name: "exec.argv", List: true, Cost: costHead, Doc: "Command of an exec, word by word.",
			From: "requestURI, parameters command (kubelet's /run: cmd)", Null: noExec,
			Get: get(func(e *Event, _ *event.Arg, v *event.Value) {
				for _, word := range e.execArgv() {
					v.Append(word)
				}
			}),
		},
		{
			Name: "exec.container", Cost: costHead, Doc: "Container that an exec or attach names.", From: "requestURI, parameter container",
			Null: noExec + " and no attach, or names no container", Get: ofFound((*Event).execContainer),
		},
		flag("tty", "Says whether an exec or attach asks for a terminal."),
		flag("stdin", "Says whether an exec or attach sends input."),
		{
			Name: "proxy.path", Cost: costHead,
			Doc:  "Path that a request through pods/proxy, services/proxy or nodes/proxy asks of the other side: decoded once, cleaned, with a leading slash.",
			From: "requestURI", Null: "the request is no proxy", Get: ofFound((*Event).proxyPath),
		},
		{
			Name: "proxy.port", Cost: costHead, Doc: "Port, by number or name, that a request through proxy names.",
			From: "objectRef.name (name:port or scheme:name:port)", Null: "the request is no proxy or names no port", Get: ofFound((*Event).proxyPort),
		},
	}
}
