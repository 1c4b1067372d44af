package builtin

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/rules"
)

// required are the rules of the first set.
var required = strings.Fields(`R01 R02 R03 R04 R05 R06 R07 R08 R12 R18 R19 R20 R21 R26 R31 R38 R39 R40 R41 R46 R47 R48 R50 R51 R55`)

func TestRequiredRulesAreThere(t *testing.T) {
	set := mustLoad(t)
	for _, id := range required {
		if r := set.Find(id); r == nil || !r.Enabled || !r.Alert || r.Blind != "" {
			t.Errorf("%s is missing, disabled, silent or blind", id)
		}
	}
}

var ourID = regexp.MustCompile(`^R[0-9]{2}$`)

func TestRulesAreComplete(t *testing.T) {
	for _, r := range mustLoad(t).Rules() {
		t.Run(r.ID, func(t *testing.T) {
			if !ourID.MatchString(r.ID) {
				t.Errorf("rule %q: id %q", r.Name, r.ID)
			}
			for key, text := range map[string]string{"desc": r.Desc, "why": r.Why, "output": r.Output.String()} {
				if !strings.HasSuffix(text, ".") && key != "output" || len(text) < 40 {
					t.Errorf("%s is no whole sentence: %q", key, text)
				}
			}
			if len(r.FalsePositives) == 0 || len(r.Tags) == 0 {
				t.Error("no false positives or tags are told")
			}
			if len(r.Exceptions) == 0 {
				t.Error("there is no exception that a site could fill")
			}
			checkTitle(t, r.Title.String())
			if r.Source == event.SourceAudit {
				checkRequest(t, &r)
			}
			if r.Source != event.SourceFalco { // whose alerts bring their techniques along
				checkAttack(t, r.Attack)
			}
		})
	}
}

// checkTitle wants a short title without what differs from one attempt to the next.
func checkTitle(t *testing.T, title string) {
	t.Helper()
	if len(title) > 90 {
		t.Errorf("title of %d bytes: %s", len(title), title)
	}
	for _, noise := range []string{"%audit.id", "uid", "%audit.code", "%audit.src", "%audit.exec", "%audit.useragent"} {
		if strings.Contains(title, noise) {
			t.Errorf("title names %s: %s", noise, title)
		}
	}
}

// checkRequest wants a rule to be about a request, and not about dry runs where it is about writes.
func checkRequest(t *testing.T, r *rules.Rule) {
	t.Helper()
	if r.Needs.Level == "" {
		t.Error("needs.level is missing")
	}
	if !r.RequestAnchored {
		t.Error("the condition does not name audit.done: each stage of a request would raise an alert")
	}
	names := func(field string) bool {
		return slices.ContainsFunc(r.Fields, func(f *event.Field) bool { return f.Name == field })
	}
	if r.Needs.Level != "Metadata" && !names("audit.dry") {
		t.Error("the condition does not name audit.dry: a trial would raise an alert")
	}
	if r.Needs.Level == "Metadata" && names("audit.pod.hostpid") {
		t.Error("the condition wants a body, needs.level says Metadata")
	}
}

func checkAttack(t *testing.T, ids []string) {
	t.Helper()
	if len(ids) == 0 {
		t.Error("no ATT&CK technique")
	}
	for _, id := range ids {
		if event.TechniqueName(id) == "" {
			t.Errorf("ATT&CK technique %s is not in the table", id)
		}
	}
}
