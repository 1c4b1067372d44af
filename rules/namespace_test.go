package rules

import (
	"testing"
)

// The built-in files see their own lists and macros only, and so do the user's.
func TestListsAndMacrosOfBuiltinRulesArePrivate(t *testing.T) {
	builtin := "- {list: L, items: [a]}\n- {macro: m, condition: t.name = builtin}\n" + ruleText("R", "t.text in (L) and m", "  id: R01")
	user := "- {list: L, items: [b]}\n- {macro: m, condition: t.name = user}\n" + ruleText("mine", "t.text in (L) and m", "")
	set := mustLoad(t, "builtin/a.yaml", builtin, "user.yaml", user)
	if got, want := set.Find("R01").Expanded.String(), "t.text in (a) and t.name = builtin"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := set.Find("mine").Expanded.String(), "t.text in (b) and t.name = user"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if _, found := load("builtin/a.yaml", builtin, "user.yaml", ruleText("mine", "other or mm", "")+"- {macro: mm, condition: m}\n"); !found.HasErrors() {
		t.Error("a user's file sees a built-in macro")
	}
}

func TestUserChangesBuiltinRule(t *testing.T) {
	builtin := "- {list: L, items: [a]}\n- {macro: m, condition: t.text in (L)}\n" + ruleText("R", "m", "  id: R01\n  exceptions: [{name: e, fields: [t.name]}]")
	f := func(user, want string) *Rule {
		t.Helper()
		set := mustLoad(t, "builtin/a.yaml", builtin+ruleText("other", "m", ""), "user.yaml", user)
		r := set.Find("R01")
		if r == nil || r.Index != 0 || len(set.Rules()) != 2 {
			t.Fatalf("%s: %+v", user, r)
		}
		if got := r.Expanded.String(); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", user, got, want)
		}
		return r
	}
	macro := "- {macro: m, condition: t.text = user}\n- {list: L, items: [z]}\n"
	// Each part of a condition is expanded with what its own file sees.
	f(macro+"- {rule: R01, condition: and not m, override: {condition: append}}\n", `t.text in (a) and not t.text = user`)
	f(macro+"- {rule: R, condition: m, override: {condition: replace}}\n", `t.text = user`)
	f(macro+"- {rule: R01, exceptions: [{name: e, values: [[L]]}], override: {exceptions: append}}\n", `t.text in (a) and not t.name = z`)
	if r := f("- {rule: R01, enabled: false, override: {enabled: replace}}\n", `t.text in (a)`); r.Enabled || !r.Builtin {
		t.Errorf("%+v", r)
	}
	if r := f(macro+ruleText("R", "m", ""), `t.text = user`); r.Builtin || r.File != "user.yaml" {
		t.Errorf("%+v", r)
	}
}
