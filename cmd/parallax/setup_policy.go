package main

import (
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/pipeline/scenario"
	"github.com/parallax-sec/parallax/rules/builtin"
	"github.com/parallax-sec/parallax/setup/auditpolicy"
)

func (a *app) setupPolicyCommand() *cobra.Command {
	check := ""
	cmd := &cobra.Command{
		Use:   "policy",
		Short: "Print the audit policy that the built-in rules need, or tell what they cannot see under another one",
		Long: `Policy prints the audit policy for the API server's flag --audit-policy-file.

With --check it reads another policy, works out what an API server with that policy would log of each built-in rule's own
test events, and says of each rule: sees; partly (some of its alerts would not come, or be of another severity); blind. Below a
rule that does not see stands what the policy takes away. Places where the policy would write secrets into the log are told, too.

Exit status: 0 all rules see, and no secret is logged; 1 otherwise; 2 the policy cannot be read.`,
		Example: `  parallax setup policy > audit-policy.yaml
  parallax setup policy --check /etc/kubernetes/audit-policy.yaml`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if check != "" {
				return a.checkPolicy(check)
			}
			_, err := a.out.Write(auditpolicy.YAML())
			return err
		},
	}
	cmd.Flags().StringVar(&check, "check", "", "audit policy, a `file`")
	return cmd
}

// sight is what a rule sees of its own test events under a policy.
type sight struct {
	rule   *event.Rule
	status string   // sees, partly, blind
	lost   []string // what the policy takes away, where the rule does not see
}

func (a *app) checkPolicy(path string) error {
	data, err := readBounded(path)
	if err != nil {
		return &statusError{code: exitUsage, err: err}
	}
	policy, err := auditpolicy.Parse(data)
	if err != nil {
		return &statusError{code: exitUsage, err: fmt.Errorf("%s: %w", path, err)}
	}
	seen, err := a.underPolicy(policy)
	if err != nil {
		return err
	}
	leaks := policy.Leaks()
	for _, leak := range leaks {
		fmt.Fprintf(a.err, "warning: %s\n", event.Escape(leak))
	}
	if err := writeSights(a.out, seen); err != nil {
		return err
	}
	short := slices.DeleteFunc(seen, func(s sight) bool { return s.status == "sees" })
	if len(short) > 0 || len(leaks) > 0 {
		return fmt.Errorf("%s: %s, %s", path, counted(uint64(len(short)), "rule does not see", "rules do not see"),
			counted(uint64(len(leaks)), "kind of secrets is logged", "kinds of secrets are logged"))
	}
	return nil
}

// underPolicy runs the scenarios of the built-in audit rules on what a policy leaves of their events.
func (a *app) underPolicy(policy *auditpolicy.Policy) ([]sight, error) {
	f := &ruleFlags{}
	set, err := a.loadRules(f)
	if err != nil {
		return nil, err
	}
	base, err := builtinFiles()
	if err != nil {
		return nil, err
	}
	load := func(files []scenario.File) (*scenario.Loaded, error) { return a.loadScenario(f, base, files) }
	var out []sight
	for _, r := range set.Rules() {
		if r.Source != event.SourceAudit {
			continue
		}
		s, err := seesUnder(policy, load, r.ID)
		if err != nil {
			return nil, fmt.Errorf("scenario of %s: %w", r.ID, err)
		}
		s.rule = &event.Rule{ID: r.ID, Name: r.Name}
		out = append(out, s)
	}
	return out, nil
}

// seesUnder compares the alerts that a rule's scenario wants of it with those that come under a policy.
func seesUnder(policy *auditpolicy.Policy, load scenario.Load, id string) (sight, error) {
	name := "testdata/" + strings.ToLower(id) + "-fires.txtar"
	data, err := fs.ReadFile(builtin.Scenarios, name)
	if err != nil {
		return sight{}, err
	}
	s, err := scenario.Parse(name, data)
	if err != nil {
		return sight{}, err
	}
	var lost []string
	for i := range s.Events {
		left, more, err := policy.ReduceAll(s.Events[i].Data)
		if err != nil {
			return sight{}, err
		}
		s.Events[i].Data = left
		lost = append(lost, more...)
	}
	report, err := scenario.Run(s, load)
	if err != nil {
		return sight{}, err
	}
	return sight{status: statusOf(id, s.Want, report.Got), lost: lost}, nil
}

// statusOf says how much of what a rule should say it said.
func statusOf(id string, want []scenario.Expected, got []*event.Alert) string {
	var wanted, came []string
	for _, x := range want {
		if x.Rule == id {
			wanted = append(wanted, fmt.Sprint(x.User, x.Severity))
		}
	}
	for _, alert := range got {
		if alert.Rule.ID == id {
			came = append(came, fmt.Sprint(alert.Details.User, alert.Severity))
		}
	}
	slices.Sort(wanted)
	slices.Sort(came)
	switch {
	case slices.Equal(wanted, came):
		return "sees"
	case len(came) == 0:
		return "blind"
	}
	return "partly"
}

func writeSights(w io.Writer, seen []sight) error {
	var b strings.Builder
	for _, s := range seen {
		fmt.Fprintf(&b, "%-6s %-7s %s\n", s.rule.ID, s.status, s.rule.Name)
		if s.status == "sees" {
			continue
		}
		for _, l := range s.lost {
			fmt.Fprintf(&b, "%15s%s\n", "", event.Escape(l))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
