// Package builtin holds the rules that ship with Parallax: one YAML file per ATT&CK tactic, and common.yaml with what they share.
//
// They are ordinary rule files. Each rule carries an id of its own (R01), a short title, why it matters, its known false positives, its ATT&CK techniques and
// what it needs of the audit policy; testdata holds for each at least one scenario that fires it and one that must not.
package builtin

import "embed"

// Files are the rule files, in the root of the file system. They load in the order of their names.
//
//go:embed *.yaml
var Files embed.FS

// Scenarios hold for each rule a scenario that fires it, in testdata/ID-fires.txtar with the id in small letters.
//
//go:embed testdata/*-fires.txtar
var Scenarios embed.FS

// FalcoAlerts is a rule file that switches the rule on which passes Falco's alerts on (R90). It is loaded behind the others where that is
// asked for.
const FalcoAlerts = `
- rule: Alert of Falco
  enabled: true
  override:
    enabled: replace
`
