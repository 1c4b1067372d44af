package auditpolicy

import _ "embed"

//go:embed policy.yaml
var policy string

// YAML returns the policy as a file for the API server's flag --audit-policy-file.
func YAML() []byte { return []byte(policy) }
