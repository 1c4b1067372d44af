// Package auditpolicy holds the audit policy that the built-in rules need: what an API server has to log so that they can see
// what they ask for, and no secret values (policy.yaml says for each part why).
//
// test/policy runs every rule's scenario against what this policy would log.
package auditpolicy
