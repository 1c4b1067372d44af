package rules

import (
	"fmt"
	"strings"
	"testing"
)

// Files that would grow without end are refused, and quickly.
func TestLimits(t *testing.T) {
	f := func(name, file, want string) {
		t.Run(name, func(t *testing.T) {
			_, found := load("a.yaml", file)
			if !strings.Contains(printed(found), want) {
				t.Errorf("want %q in\n%.2000s", want, printed(found))
			}
		})
	}
	f("large file", strings.Repeat("#", MaxFileBytes+1), "the file has more than")
	f("not UTF-8", "- rule: \xff", "not UTF-8")
	f("deep", strings.Repeat("[", 100_000), "not YAML")
	f("parentheses", ruleText("R", strings.Repeat("(", 5000)+"t.text exists"+strings.Repeat(")", 5000), ""), "nested too deep")

	laughs := "- &a0 [x,x,x,x,x,x,x,x,x,x]\n"
	for i := range 9 {
		laughs += fmt.Sprintf("- &a%d [%s]\n", i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i), 10), ","))
	}
	f("billion laughs", laughs+"- {list: l, items: *a9}\n", "must be a text, not a list")
	merges := "- &m0 {a: b}\n"
	for i := range 12 {
		merges += fmt.Sprintf("- &m%d {<<: [%s]}\n", i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*m%d,", i), 10), ","))
	}
	f("billion merges", merges, "too many values")
	f("merge loop", "- &m {<<: *m}\n", "")

	lists := "- {list: l0, items: [x]}\n"
	for i := range 40 {
		lists = fmt.Sprintf("- {list: l%d, items: [l%d, l%d]}\n", i+1, i, i) + lists
	}
	f("lists that double", lists+ruleText("R", "t.text in (l40)", ""), "once lists are put in")
	macros := "- {macro: m0, condition: t.text exists}\n"
	for i := range 40 {
		macros += fmt.Sprintf("- {macro: m%d, condition: m%d and m%d}\n", i+1, i, i)
	}
	many := strings.Join(strings.SplitAfterN(macros, "\n", 17)[:16], "")
	for i := range 100 {
		many += ruleText(fmt.Sprint("R", i), "m15", "")
	}
	f("large macro in many rules", many, "all rules together are too large")
	f("macros that double", macros+ruleText("R", "m40", ""), "too large once macros are put in")
	chain := "- {macro: m0, condition: t.text exists}\n"
	for i := range 1000 {
		chain = fmt.Sprintf("- {macro: m%d, condition: m%d}\n", i+1, i) + chain
	}
	for i := range 1001 { // defined again, so that each sees all
		chain += fmt.Sprintf("- {macro: m%d, condition: m%d}\n", i+1, i)
	}
	f("macros in macros", chain+ruleText("R", "m1000", ""), "")
	f("many additions", "- {macro: m, condition: t.text exists}\n"+strings.Repeat("- {macro: m, condition: or t.text exists, override: {condition: append}}\n", 40_000), "added to too often")
	f("many rules", strings.Repeat("- {rule: R, condition: t.text exists}\n", 100_000), "is missing")
	var keys, fields strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&keys, "  prioriti%d: x\n", i)
		if i < 20_000 {
			fmt.Fprintf(&fields, " or t.texxt%d exists", i)
		}
	}
	f("many unknown keys", ruleText("R", "t.text exists", keys.String()), "unknown key")
	f("many unknown fields", ruleText("R", "t.name exists"+fields.String(), ""), "unknown field")
	f("many errors", strings.Repeat("- x\n", 100_000), "expected keys")
}
