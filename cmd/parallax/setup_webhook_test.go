package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSetupWebhook(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "hook")
	args := []string{"setup", "webhook", "--dir", dir, "--url", "https://127.0.0.1:9443/audit"}

	r := cli(t, append(args, "--dry-run")...).want(t, exitDone, "Nothing is done", "make     server.crt")
	if _, err := os.Stat(dir); err == nil {
		t.Error("--dry-run made the folder")
	}
	first := cli(t, args...).want(t, exitDone, "make     ca.key", "the same command renews from", "restart it")
	if first.out != r.out || !strings.HasPrefix(first.out, "--audit-policy-file="+dir+"/audit-policy.yaml\n") {
		t.Errorf("flags:\n%s", first.out)
	}
	for _, name := range []string{"ca.crt", "ca.key", "server.crt", "server.key", "client.crt", "client.key", "webhook-kubeconfig.yaml", "audit-policy.yaml"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	if again := cli(t, args...).want(t, exitDone, "keep     ca.crt"); strings.Contains(again.err, "make") || again.out != first.out {
		t.Errorf("not the same again:\n%s", again.err)
	}
	for name, want := range map[string]string{"kubeadm": "kubeadm.k8s.io/v1beta4", "kind": "kind.x-k8s.io", "k3s": "kube-apiserver-arg"} {
		if r := cli(t, append(args, "--for", name)...).want(t, exitDone); !strings.Contains(r.out, want) {
			t.Errorf("--for %s:\n%s", name, r.out)
		}
	}
	if err := os.Remove(filepath.Join(dir, "ca.crt")); err != nil {
		t.Fatal(err)
	}
	cli(t, args...).want(t, exitFailed, "--force")
	cli(t, append(args, "--force")...).want(t, exitDone, "replace  ca.key")
}

func TestSetupWebhookWrongUsage(t *testing.T) {
	dir := t.TempDir()
	f := func(inErr string, args ...string) {
		t.Helper()
		if r := cli(t, append([]string{"setup", "webhook"}, args...)...).want(t, exitUsage, inErr, "--help"); r.out != "" {
			t.Errorf("%q printed %s", args, r.out)
		}
	}
	f("--dir and --url", "--url", "https://127.0.0.1")
	f("--dir and --url", "--dir", dir)
	f("want https://", "--dir", dir, "--url", "http://127.0.0.1")
	f("want one of flags, kubeadm", "--dir", dir, "--url", "https://127.0.0.1", "--for", "x")
	f("letters, digits", "--dir", dir, "--url", "https://127.0.0.1", "--apiserver", "a/b")
	f("unknown command", "extra")
	cli(t, "setup").want(t, exitDone)
}

func TestSetupWebhookCompletion(t *testing.T) {
	r := cli(t, "__complete", "setup", "webhook", "--for", "").want(t, exitDone)
	if !strings.HasPrefix(r.out, "flags\nkubeadm\n") {
		t.Errorf("%q", r.out)
	}
}
