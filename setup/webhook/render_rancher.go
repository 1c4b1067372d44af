package webhook

import "path"

// rancherConfig are the keys of config.yaml of k3s and RKE2 that change the API server. RKE2 runs it in a pod, which sees what is
// mounted, and has a key of its own for the policy.
type rancherConfig struct {
	Policy string   `yaml:"audit-policy-file,omitempty"`
	Args   []string `yaml:"kube-apiserver-arg"`
	Mounts []string `yaml:"kube-apiserver-extra-mount,omitempty"`
}

func rancherArgs(flags []Flag) []string {
	var args []string
	for _, f := range flags {
		args = append(args, f.Name+"="+f.Value)
	}
	return args
}

func renderK3s(r *rendering) (string, error) {
	return toYAML(rancherConfig{Args: rancherArgs(flagsIn(r.at, KubeconfigFile))})
}

func renderRKE2(r *rendering) (string, error) {
	flags := flagsIn(r.at, KubeconfigFile)
	return toYAML(rancherConfig{
		Policy: path.Join(r.at, PolicyFile),
		Args:   rancherArgs(flags[1:]), // without the policy
		Mounts: []string{r.at + ":" + r.at + ":ro"},
	})
}
