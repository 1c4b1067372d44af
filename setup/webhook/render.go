package webhook

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// Target is a way by which a cluster is set up, and so one by which its API servers get their flags.
type Target struct {
	Name string
	At   string // the folder in which its API servers find the files, unless told otherwise; empty: the folder they were made in
	Next string // for people: what to do with the files and with what Render gives

	render func(r *rendering) (string, error)
}

// rendering is what a target renders.
type rendering struct {
	clients []Client
	dir     string // the folder that the files were made in, absolute
	at      string // where the API servers find them
}

// Targets returns all targets, the plain one first.
func Targets() []Target {
	return []Target{
		{"flags", "", nextFlags, renderFlags},
		{"kubeadm", "/etc/kubernetes/parallax", nextKubeadm, renderKubeadm},
		{"kubeadm-v1beta3", "/etc/kubernetes/parallax", nextKubeadm, renderKubeadmV1beta3},
		{"kind", "/etc/kubernetes/parallax", nextKind, renderKind},
		{"k3s", "/etc/rancher/k3s/parallax", nextK3s, renderK3s},
		{"rke2", "/etc/rancher/rke2/parallax", nextRKE2, renderRKE2},
		{"minikube", "/etc/ssl/certs/parallax", nextMinikube, renderMinikube},
	}
}

// TargetNames returns the names of all targets.
func TargetNames() []string {
	var out []string
	for _, t := range Targets() {
		out = append(out, t.Name)
	}
	return out
}

// FindTarget returns the target of a name.
func FindTarget(name string) (Target, error) {
	i := slices.IndexFunc(Targets(), func(t Target) bool { return t.Name == name })
	if i < 0 {
		return Target{}, fmt.Errorf("%q: want one of %s", name, strings.Join(TargetNames(), ", "))
	}
	return Targets()[i], nil
}

// Render writes what makes the plan's API servers use their files, which they find in the folder at (empty: where the target has them).
func (p *Plan) Render(t Target, at string) (string, error) {
	dir, err := filepath.Abs(p.config.Dir)
	if err != nil {
		return "", err
	}
	r := &rendering{clients: p.Clients, dir: dir, at: at}
	if r.at == "" {
		r.at = t.At
	}
	if r.at == "" {
		r.at = dir
	}
	return t.render(r)
}

const (
	nextFlags = "Give the API server the flags on standard output, and restart it."

	nextKubeadm = `On each control-plane node: copy audit-policy.yaml and the node's kubeconfig, as webhook-kubeconfig.yaml, to the folder that the flags name.
A new cluster: kubeadm init with this ClusterConfiguration. One that stands: the same flags, a hostPath volume and its mount in
/etc/kubernetes/manifests/kube-apiserver.yaml, on one node after the other; keep a copy of that file outside of the folder.`

	nextKind = "kind create cluster --config with this file. From inside its nodes 127.0.0.1 is the node: let --url name an address of this machine."

	nextK3s = `On each server: copy audit-policy.yaml and the server's kubeconfig, as webhook-kubeconfig.yaml, to the folder that the flags name,
add the lines to /etc/rancher/k3s/config.yaml and restart k3s.`

	nextRKE2 = `On each server: copy audit-policy.yaml and the server's kubeconfig, as webhook-kubeconfig.yaml, to the folder that the flags name,
add the lines to /etc/rancher/rke2/config.yaml and restart rke2-server.`

	nextMinikube = `Copy audit-policy.yaml and the kubeconfig, as webhook-kubeconfig.yaml, to ~/.minikube/files/etc/ssl/certs/parallax, and give the
arguments on standard output to minikube start. --url must name an address that the machine of minikube reaches (host.minikube.internal).`
)

// renderFlags writes a flag a line. The kubeconfig has the name under which it was made; several API servers have a part each.
func renderFlags(r *rendering) (string, error) {
	var b strings.Builder
	for _, c := range r.clients {
		if len(r.clients) > 1 {
			fmt.Fprintf(&b, "# %s/%s\n", c.Cluster, c.Name)
		}
		for _, f := range flagsIn(r.at, c.Kubeconfig) {
			fmt.Fprintf(&b, "--%s=%s\n", f.Name, f.Value)
		}
	}
	return b.String(), nil
}

func renderMinikube(r *rendering) (string, error) {
	var b strings.Builder
	for _, f := range flagsIn(r.at, KubeconfigFile) {
		fmt.Fprintf(&b, "--extra-config=apiserver.%s=%s\n", f.Name, f.Value)
	}
	return b.String(), nil
}
