package envelope

import (
	"bytes"
	"regexp"
)

// maxPrefixBytes is the longest text before the event in a line.
const maxPrefixBytes = 512

// What may stand before an event in its line: a time, as in files that CloudWatch exported and in what `aws logs tail` prints
// (with the name of the stream behind it), a time, stream and F of a container log (CRI), or the name of a node, as `oc adm
// node-logs` prints it.
var (
	timePrefix = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2}) (?:(stdout|stderr) ([FP]) |([A-Za-z0-9._/-]+) )?$`)
	nodePrefix = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])? $`)
	eventStart = []byte(`{"kind":"Event"`)
)

// Prefix looks at a line that does not begin with a value. at is where the event begins, 0 where there is none; other says that
// the line is one of another component's log, which a time stands before.
func Prefix(line []byte) (at int, from Kind, other bool) {
	at = bytes.IndexByte(line[:min(len(line), maxPrefixBytes)], '{')
	if at > 0 {
		if m := timePrefix.FindSubmatch(line[:at]); m != nil {
			switch {
			case string(m[2]) == "P", len(m[3]) > 0 && !isAuditStream(string(m[3])):
				return 0, Plain, len(m[3]) > 0
			case len(m[1]) > 0:
				return at, Wrapped, false
			}
			return at, CloudWatch, false
		}
		if nodePrefix.Match(line[:at]) && bytes.HasPrefix(line[at:], eventStart) {
			return at, Wrapped, false
		}
	}
	return 0, Plain, isOtherText(behindTime(line))
}

// behindTime is what stands behind the time that a line begins with, nil where it begins otherwise.
func behindTime(line []byte) []byte {
	m := timeFirst.FindIndex(line[:min(len(line), maxPrefixBytes)])
	if m == nil {
		return nil
	}
	return line[m[1]:]
}

var (
	timeFirst = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2}) (?:(?:stdout|stderr) [FP] )?`)
	// klogLine is how components of Kubernetes begin a line (k8s.io/klog, header), logrusLine how the authenticator of EKS does.
	klogLine   = regexp.MustCompile(`^[IWEF]\d{4} \d{2}:\d{2}:\d{2}\.\d+ `)
	logrusLine = regexp.MustCompile(`^time="[^"]*" level=`)
)

// isOtherText says whether a text is a line of another component's log.
func isOtherText(text []byte) bool {
	text = text[:min(len(text), maxPrefixBytes)]
	return klogLine.Match(text) || logrusLine.Match(text)
}
