package webhook

import "path"

// Flag is a flag of kube-apiserver, without the dashes.
type Flag struct {
	Name  string `yaml:"name"`
	Value string `yaml:"value"`
}

// Flags returns the flags by which an API server uses a policy and a kubeconfig.
//
// With the API server's own defaults an event waits up to 30 s, 4,000 a second pass at most, and a batch has no bound in
// bytes (k8s.io/apiserver, pkg/server/options/audit.go). Its first backoff of 10 s stays: with a shorter one it would give up sooner.
func Flags(policy, kubeconfig string) []Flag {
	return []Flag{
		{"audit-policy-file", policy},
		{"audit-webhook-config-file", kubeconfig},
		{"audit-webhook-batch-max-wait", "1s"},
		{"audit-webhook-batch-max-size", "400"},
		{"audit-webhook-batch-throttle-qps", "50"},
		{"audit-webhook-batch-throttle-burst", "100"},
		{"audit-webhook-batch-buffer-size", "30000"},
		{"audit-webhook-truncate-enabled", "true"},
		{"audit-webhook-truncate-max-event-size", "8388608"},
		{"audit-webhook-truncate-max-batch-size", "33554432"},
	}
}

// flagsIn returns the flags of an API server that finds its two files in the folder at, the kubeconfig under a name.
func flagsIn(at, kubeconfig string) []Flag {
	return Flags(path.Join(at, PolicyFile), path.Join(at, kubeconfig))
}
