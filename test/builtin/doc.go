// Package builtin holds the tests of the built-in rules: their scenarios, their completeness, and what they say to real audit logs.
// They stand here since they need the decoder as well as the rules, which know nothing of one another.
package builtin
