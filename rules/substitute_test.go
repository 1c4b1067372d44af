package rules

import (
	"strings"
	"testing"
)

// conditionOf is the condition of rule R with lists and macros put in.
func conditionOf(t *testing.T, files ...string) string {
	t.Helper()
	return mustLoad(t, files...).Find("R").Expanded.String()
}

func TestListsAreText(t *testing.T) {
	f := func(lists, cond, want string) {
		t.Helper()
		if got := conditionOf(t, "a.yaml", lists+ruleText("R", cond, "")); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", cond, got, want)
		}
	}
	ab := "- list: L\n  items: [a, b c, \"'d e'\"]\n"
	f(ab, `t.text in (L)`, `t.text in (a, "b c", "d e")`)
	f(ab, `t.text in (x,L,y)`, `t.text in (x, a, "b c", "d e", y)`)
	f(ab, `t.text in (Lx, xL, L)`, `t.text in (Lx, xL, a, "b c", "d e")`)
	f(ab, `t.text in (L, L)`, `t.text in (a, "b c", "d e", a, "b c", "d e")`)
	f(ab, `t.text startswith anyof (L)`, `t.text startswith anyof (a, "b c", "d e")`)
	f("- list: one\n  items: [a]\n", `t.text=one`, `t.text = a`)
	f("- list: one\n  items: [a]\n", `'t.text = "x one y"'`, `t.text = "x a y"`)
	f("- list: none\n  items: []\n", `t.text in (none)`, `t.text in ()`)
	f("- list: none\n  items: []\n", `t.text in (a, none , b)`, `t.text in (a, b)`)
	f("- list: none\n  items: []\n", `t.text in (none, b)`, `t.text in (b)`)
	f("- list: blank\n  items: [\"\"]\n", `t.text in (a, blank)`, `t.text in (a, "")`)
	f("- list: n\n  items: [1, true, ~, 0x1F]\n", `t.text in (n)`, `t.text in (1, true, ~, 0x1F)`)
}

func TestListsInLists(t *testing.T) {
	f := func(lists, want string) {
		t.Helper()
		set, found := load("a.yaml", ruleText("R", "t.text in (C)", "")+lists)
		if found.HasErrors() {
			t.Fatal(printed(found))
		}
		if got := set.Find("R").Expanded.String(); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", lists, got, want)
		}
	}
	f("- {list: B, items: [a]}\n- {list: C, items: [B, c]}\n", `t.text in (a, c)`)
	f("- {list: B, items: [a]}\n- {list: C, items: [B]}\n- {list: B, items: [b], override: {items: append}}\n", `t.text in (a, b)`)
	f("- {list: C, items: [B, c]}\n- {list: B, items: [a]}\n", `t.text in (a, c)`) // forward: by the text alone
	// Of three levels the innermost name is left. Load warns.
	f("- {list: A, items: [a]}\n- {list: B, items: [A]}\n- {list: C, items: [B]}\n", `t.text in (A)`)
}

func TestMacrosAreTrees(t *testing.T) {
	f := func(macros, cond, want string) {
		t.Helper()
		if got := conditionOf(t, "a.yaml", ruleText("R", cond, "")+macros); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", cond, got, want)
		}
	}
	m := "- {macro: m, condition: t.text = a or t.text = b}\n"
	f(m, `m and t.name = x`, `(t.text = a or t.text = b) and t.name = x`)
	f(m, `not m`, `not (t.text = a or t.text = b)`)
	f(m+"- {macro: m, condition: and t.name = x, override: {condition: append}}\n", `m`, `t.text = a or t.text = b and t.name = x`)
	f(m+"- {macro: m, condition: t.name = x}\n", `m`, `t.name = x`)
	f(m+"- {macro: n, condition: m and m}\n", `n`, `(t.text = a or t.text = b) and (t.text = a or t.text = b)`)
}

func TestPlacesSurviveSlices(t *testing.T) {
	_, found := load("a.yaml", "- list: L\n  items: [x]\n", "b.yaml",
		"- rule: R\n  desc: d\n  condition: t.text in ( L ) and t.txt in (L,\n    L) and t.tyt = x\n  output: o\n  priority: Info\n  source: audit\n")
	if len(found) != 2 {
		t.Fatal(printed(found))
	}
	for i, want := range []string{"b.yaml:3:34", "b.yaml:4:12"} {
		if got := found[i].Error(); !strings.HasPrefix(got, want+":") {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
