//go:build e2e

package e2e

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestParallax(t *testing.T) {
	d := deploy(t, theCluster(t))
	d.kubectl(t, "create", "namespace", "e2e")
	eventually(t, 30*time.Second, "the namespace's service account", func() bool {
		_, err := d.try("-n", "e2e", "get", "serviceaccount", "default")
		return err == nil
	})
	d.kubectl(t, "-n", "e2e", "run", "web", "--image="+cmp.Or(os.Getenv("E2E_POD"), "docker.io/library/busybox:1.36"), "--", "sleep", "3600")
	d.kubectl(t, "-n", "e2e", "wait", "--for=condition=Ready", "pod/web", "--timeout=60s")

	t.Run("both sides", func(t *testing.T) { bothSides(t, d) })
	t.Run("what was asked for", func(t *testing.T) { askedFor(t, d) })
	t.Run("tokens", func(t *testing.T) { tokens(t, d) })
	t.Run("rights of agents", func(t *testing.T) { rightsOfAgents(t, d) })
	t.Run("latency", func(t *testing.T) { latency(t, d) })
	t.Run("restarts", func(t *testing.T) { restarts(t, d) })
	t.Run("numbers", func(t *testing.T) { numbers(t, d) })
	if again := twice(d.alerts(t)); len(again) > 0 {
		t.Errorf("given out more than once: %v", again)
	}
}

// exec runs a program in the pod, with a mark among its arguments by which its alerts are found.
func (d *deployment) exec(t testing.TB, mark string) {
	t.Helper()
	d.kubectl(t, "-n", "e2e", "exec", "web", "--", "sh", "-c", "true", mark)
}

// An exec is seen by the API server, which knows who, and by the kernel, which knows what.
func bothSides(t *testing.T, d *deployment) {
	d.exec(t, "mark-both")
	var asked, ran []alert
	eventually(t, 30*time.Second, "alerts of an exec", func() bool {
		all := d.alerts(t)
		asked, ran = about(all, "R20", "mark-both"), about(all, "R29", "mark-both")
		return len(asked) > 0 && len(ran) > 0
	})
	if a := asked[0]; a.User.Name == "" || a.Orchestrator.Namespace != "e2e" || a.Orchestrator.Resource.Name != "web" {
		t.Errorf("audit: %s", a.text)
	}
	if said := d.kubectl(t, "-n", "parallax", "logs", "statefulset/parallax-hub"); !strings.Contains(said, asked[0].Event.ID) || !strings.Contains(said, ran[0].Event.ID) {
		t.Errorf("the hub's standard output does not have both alerts:\n%s", said)
	}
	if a := ran[0]; a.Host.Name != d.node || a.Orchestrator.Namespace != "e2e" || a.Orchestrator.Resource.Name != "web" {
		t.Errorf("kernel: %s", a.text)
	}
}

func askedFor(t *testing.T, d *deployment) {
	file := filepath.Join(t.TempDir(), "pod.yaml")
	write(t, file, `{apiVersion: v1, kind: Pod, metadata: {name: mark-root, namespace: e2e},
		spec: {restartPolicy: Never, containers: [{name: c, image: x, securityContext: {privileged: true}, volumeMounts: [{name: v, mountPath: /host}]}], volumes: [{name: v, hostPath: {path: /}}]}}`)
	d.kubectl(t, "create", "-f", file)
	d.kubectl(t, "get", "secrets", "--all-namespaces")
	for rule, text := range map[string]string{"R01": "mark-root", "R05": "mark-root", "R31": "secrets"} {
		eventually(t, 30*time.Second, "alert of "+rule, func() bool { return len(about(d.alerts(t), rule, text)) > 0 })
	}
}

// latency tells how long after the request alerts are there.
func latency(t *testing.T, d *deployment) {
	took := map[string][]time.Duration{}
	for n := range 20 {
		mark := fmt.Sprintf("mark-latency-%d.", n)
		began := time.Now()
		d.exec(t, mark)
		for waiting := []string{"R20", "R29"}; len(waiting) > 0; time.Sleep(2 * time.Millisecond) {
			all := d.alerts(t)
			waiting = slices.DeleteFunc(waiting, func(rule string) bool {
				found := len(about(all, rule, mark)) > 0
				if found {
					took[rule] = append(took[rule], time.Since(began))
				}
				return found
			})
			if time.Since(began) > 30*time.Second {
				t.Fatalf("no alert of %v about %s", waiting, mark)
			}
		}
	}
	for rule, all := range took {
		slices.Sort(all)
		t.Logf("%s: from request to alert %v least, %v median, %v most", rule, round(all[0]), round(all[len(all)/2]), round(all[len(all)-1]))
	}
}

func round(d time.Duration) time.Duration { return d.Round(time.Millisecond) }

// What happens while the hub is away is there when it is back, once.
func restarts(t *testing.T, d *deployment) {
	stops := map[int][]string{10: {"--wait=false"}, 30: {"--force", "--grace-period=0", "--wait=false"}}
	const all = 50
	for n := range all {
		if how, ok := stops[n]; ok {
			d.kubectl(t, append([]string{"-n", "parallax", "delete", "pod", "parallax-hub-0"}, how...)...)
		}
		d.exec(t, fmt.Sprintf("mark-restart-%d.", n))
	}
	d.kubectl(t, "-n", "parallax", "rollout", "status", "statefulset/parallax-hub", "--timeout=120s")
	var missing []string
	deadline := time.Now().Add(3 * time.Minute) // the API server tries again for about 90 s
	for {
		missing = nil
		found := d.alerts(t)
		for n := range all {
			for _, rule := range []string{"R20", "R29"} {
				mark := fmt.Sprintf("mark-restart-%d.", n)
				if len(about(found, rule, mark)) == 0 {
					missing = append(missing, rule+" "+mark)
				}
			}
		}
		if len(missing) == 0 || time.Now().After(deadline) {
			break
		}
		time.Sleep(time.Second)
	}
	if len(missing) > 0 {
		t.Errorf("lost: %s", strings.Join(missing, ", "))
	}
}
