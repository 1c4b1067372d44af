package webhook

import (
	"path"
	"path/filepath"
)

// The parts of kubeadm's ClusterConfiguration that say how an API server runs: kubeadm.k8s.io/v1beta4 has a list of flags, and
// v1beta3 (Kubernetes before 1.31) a map.
type (
	clusterConfiguration struct {
		APIVersion string       `yaml:"apiVersion"`
		Kind       string       `yaml:"kind"`
		APIServer  controlPlane `yaml:"apiServer"`
	}
	controlPlane struct {
		ExtraArgs    any      `yaml:"extraArgs"`
		ExtraVolumes []volume `yaml:"extraVolumes"`
	}
	volume struct {
		Name      string `yaml:"name"`
		HostPath  string `yaml:"hostPath"`
		MountPath string `yaml:"mountPath"`
		ReadOnly  bool   `yaml:"readOnly"`
		PathType  string `yaml:"pathType"`
	}
)

func newClusterConfiguration(version, at string, args any) clusterConfiguration {
	return clusterConfiguration{
		APIVersion: "kubeadm.k8s.io/" + version,
		Kind:       "ClusterConfiguration",
		APIServer: controlPlane{
			ExtraArgs:    args,
			ExtraVolumes: []volume{{"parallax", at, at, true, "Directory"}},
		},
	}
}

func v1beta4(at string) clusterConfiguration {
	return newClusterConfiguration("v1beta4", at, flagsIn(at, KubeconfigFile))
}

func v1beta3(at string) clusterConfiguration {
	args := map[string]string{}
	for _, f := range flagsIn(at, KubeconfigFile) {
		args[f.Name] = f.Value
	}
	return newClusterConfiguration("v1beta3", at, args)
}

func renderKubeadm(r *rendering) (string, error)        { return toYAML(v1beta4(r.at)) }
func renderKubeadmV1beta3(r *rendering) (string, error) { return toYAML(v1beta3(r.at)) }

// The parts of kind's configuration (kind.x-k8s.io/v1alpha4).
type (
	kindCluster struct {
		Kind       string     `yaml:"kind"`
		APIVersion string     `yaml:"apiVersion"`
		Patches    []string   `yaml:"kubeadmConfigPatches"`
		Nodes      []kindNode `yaml:"nodes"`
	}
	kindNode struct {
		Role   string      `yaml:"role"`
		Mounts []kindMount `yaml:"extraMounts"`
	}
	kindMount struct {
		HostPath      string `yaml:"hostPath"`
		ContainerPath string `yaml:"containerPath"`
		ReadOnly      bool   `yaml:"readOnly"`
	}
)

// renderKind writes a node for each API server, and mounts into it its two files and no others: the CA's key stays outside. kind
// takes the patch of the version that it uses itself, which depends on the version of Kubernetes, and leaves the other.
func renderKind(r *rendering) (string, error) {
	out := kindCluster{Kind: "Cluster", APIVersion: "kind.x-k8s.io/v1alpha4"}
	for _, config := range []clusterConfiguration{v1beta3(r.at), v1beta4(r.at)} {
		patch, err := toYAML(config)
		if err != nil {
			return "", err
		}
		out.Patches = append(out.Patches, patch)
	}
	for _, c := range r.clients {
		out.Nodes = append(out.Nodes, kindNode{Role: "control-plane", Mounts: []kindMount{
			{filepath.Join(r.dir, PolicyFile), path.Join(r.at, PolicyFile), true},
			{filepath.Join(r.dir, c.Kubeconfig), path.Join(r.at, KubeconfigFile), true},
		}})
	}
	return toYAML(out)
}
