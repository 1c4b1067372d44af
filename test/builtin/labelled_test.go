package builtin

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/audit/logfile"
	"github.com/parallax-sec/parallax/pipeline"

	"github.com/parallax-sec/parallax/test/loaded"
)

// attackSteps are the alerts of each labelled step of attacks.log: rule, user, severity. What a step raises besides, and
// what a step that is not named here raises, fails the test.
//
// Not named are the harmless steps, the dry runs (23, 84, 95), and those that no rule here looks for: ports of the host
// (20), payloads in images (21), pinned pods (22), pods in system namespaces (27), attach and port-forward (54-57), proxies
// (65-67), secrets of one namespace (70, 71, 75, 77), ConfigMaps (78-81), tokens (101-104), CSRs of ordinary subjects (108,
// 110, 113), probing (106, 120-124), the kubelet itself (129, 130), services (131, 132), nodes (136), and deletions (138, 142-148).
// In steps 51 and 52 kubectl is refused the pod before it asks for exec, and step 117's impersonation is seen by its refusal.
var attackSteps = map[int][]string{
	1:   {"R02 alice high"},                                                                                                                                // pod with hostPID in dev
	2:   {"R03 alice medium"},                                                                                                                              // pod with hostNetwork in dev
	3:   {"R04 alice medium"},                                                                                                                              // pod with hostIPC in dev
	4:   {"R05 alice high"},                                                                                                                                // pod with hostPath / writable, at /host
	5:   {"R05 alice medium"},                                                                                                                              // pod with hostPath / read-only
	6:   {"R05 alice high"},                                                                                                                                // pod with hostPath /etc
	7:   {"R06 alice high"},                                                                                                                                // pod with hostPath /var/run/docker.sock
	8:   {"R06 alice high"},                                                                                                                                // pod with hostPath /run/containerd/containerd.sock
	9:   {"R05 alice high"},                                                                                                                                // pod with hostPath /proc
	10:  {"R05 alice high"},                                                                                                                                // pod with hostPath /var/lib/kubelet
	11:  {"R05 alice high"},                                                                                                                                // pod with hostPath /root/.ssh
	13:  {"R01 alice high"},                                                                                                                                // privileged pod
	14:  {"R07 alice high"},                                                                                                                                // pod with SYS_ADMIN and SYS_PTRACE added
	15:  {"R07 alice high"},                                                                                                                                // pod with capability ALL
	16:  {"R07 alice medium"},                                                                                                                              // pod with NET_RAW and NET_ADMIN
	17:  {"R08 alice medium"},                                                                                                                              // pod with seccomp Unconfined and runAsUser 0
	18:  {"R01 alice high"},                                                                                                                                // pod whose init container is privileged, main is not
	19:  {"R01 alice high", "R02 alice high", "R03 alice medium", "R04 alice medium", "R05 alice high"},                                                    // pod with everything: privileged hostPID hostNetwork hostIPC hostPath /
	24:  {"R01 alice high", "R02 alice high"},                                                                                                              // privileged hostPID pod by server-side apply (verb patch, creates)
	25:  {"R01 alice high"},                                                                                                                                // privileged pod by client-side apply
	26:  {"R03 bob medium"},                                                                                                                                // pod in kube-system, named like kube-proxy
	28:  {"R01 alice high"},                                                                                                                                // Deployment, privileged template
	29:  {"R02 alice high", "R05 alice high"},                                                                                                              // DaemonSet, hostPID and hostPath /
	30:  {"R03 alice medium"},                                                                                                                              // StatefulSet, hostNetwork
	31:  {"R07 alice high"},                                                                                                                                // ReplicaSet, SYS_ADMIN
	32:  {"R01 alice high"},                                                                                                                                // ReplicationController, privileged
	33:  {"R05 alice high"},                                                                                                                                // Job, hostPath /etc
	34:  {"R01 alice high"},                                                                                                                                // CronJob every minute, privileged
	36:  {"R01 alice high"},                                                                                                                                // that Deployment patched to privileged (strategic merge)
	37:  {"R01 alice high", "R02 alice high"},                                                                                                              // that Deployment patched to hostPID (JSON patch)
	38:  {"R01 alice high", "R02 alice high"},                                                                                                              // image of the Deployment changed
	39:  {"R01 bob high"},                                                                                                                                  // Deployment sstic-gotty (privileged, gotty:demo-sstic) and its LoadBalancer Service
	41:  {"R20 alice medium"},                                                                                                                              // exec by websocket: id
	42:  {"R20 alice medium", "R21 alice high"},                                                                                                            // exec: read the host's shadow file
	43:  {"R20 alice medium"},                                                                                                                              // exec with -it (tty)
	44:  {"R20 alice medium"},                                                                                                                              // exec by SPDY (KUBECTL_REMOTE_COMMAND_WEBSOCKETS=false)
	45:  {"R20 alice medium", "R21 alice high"},                                                                                                            // exec: nsenter into pid 1 of the host
	46:  {"R20 alice medium", "R21 alice high"},                                                                                                            // exec: nsenter into the host's mount and other namespaces
	47:  {"R20 alice medium", "R21 alice high"},                                                                                                            // exec: chroot into the host
	48:  {"R20 alice medium", "R21 alice high"},                                                                                                            // exec: the pod's own service account token
	49:  {"R20 alice medium", "R21 alice high"},                                                                                                            // exec: reverse shell attempt with bash /dev/tcp
	50:  {"R20 bob medium"},                                                                                                                                // exec into the kube-system pod
	53:  {"R20 alice low"},                                                                                                                                 // plain GET of exec, no upgrade (400)
	58:  {"R20 alice medium", "R21 alice high"},                                                                                                            // kubectl cp out of a pod (exec of tar)
	60:  {"R12 alice low"},                                                                                                                                 // ephemeral container (403: the admin role lacks pods/ephemeralcontainers)
	61:  {"R12 bob high"},                                                                                                                                  // ephemeral container into priv, target main
	62:  {"R12 bob high"},                                                                                                                                  // ephemeral container, sysadmin profile (privileged)
	63:  {"R12 bob high"},                                                                                                                                  // kubectl debug node/lab-node (hostPID, host root at /host)
	72:  {"R31 bob high"},                                                                                                                                  // secrets of all namespaces listed
	73:  {"R31 bob high"},                                                                                                                                  // secrets of all namespaces, old style limit
	74:  {"R31 bob high", "R31 bob high"},                                                                                                                  // secrets watched, all namespaces
	76:  {"R31 mallory medium"},                                                                                                                            // secrets of all namespaces (403)
	82:  {"R46 bob high"},                                                                                                                                  // service account in shop bound to cluster-admin
	83:  {"R46 bob high"},                                                                                                                                  // user mallory2 bound to cluster-admin
	85:  {"R47 bob high"},                                                                                                                                  // system:unauthenticated bound to view
	86:  {"R47 bob high"},                                                                                                                                  // system:authenticated bound to edit in shop
	87:  {"R46 bob high"},                                                                                                                                  // rolebinding in kube-system to admin
	88:  {"R48 bob high"},                                                                                                                                  // clusterrole with wildcards
	89:  {"R48 bob high"},                                                                                                                                  // clusterrole with every wildcard
	90:  {"R48 bob medium"},                                                                                                                                // role with pods/exec
	91:  {"R48 bob medium"},                                                                                                                                // role that reads secrets
	92:  {"R48 bob high", "R48 bob high"},                                                                                                                  // clusterrole with escalate, bind, impersonate
	93:  {"R48 bob low"},                                                                                                                                   // clusterrole with write on pods and deployments
	94:  {"R48 bob medium"},                                                                                                                                // clusterrole nodes/proxy
	96:  {"R48 bob high"},                                                                                                                                  // clusterrole that aggregates secrets into view
	97:  {"R46 alice medium"},                                                                                                                              // alice grants herself secrets in kube-system (403)
	98:  {"R48 alice medium"},                                                                                                                              // alice makes a role beyond her rights (403 escalation)
	99:  {"R48 alice medium"},                                                                                                                              // role with pods/exec in dev, bound to mallory
	100: {"R20 mallory medium"},                                                                                                                            // mallory now execs in dev
	105: {"R31 system:serviceaccount:shop:robot medium"},                                                                                                   // robot's token used from outside with curl: all secrets
	107: {"R01 system:serviceaccount:shop:robot high"},                                                                                                     // robot makes a privileged pod with curl
	109: {"R39 bob medium"},                                                                                                                                // CSR approved
	112: {"R38 bob medium"},                                                                                                                                // CSR in system:masters (refused by admission)
	115: {"R31 bob high", "R40 bob high"},                                                                                                                  // impersonates a user in system:masters
	116: {"R40 bob high"},                                                                                                                                  // impersonates a service account
	117: {"R31 mallory medium", "R40 mallory medium"},                                                                                                      // impersonation without rights (403)
	119: {"R31 system:anonymous high", "R41 system:anonymous high", "R41 system:anonymous high", "R41 system:anonymous high", "R41 system:anonymous high"}, // anonymous reads secrets, pods, deployments
	122: {"R31 mallory medium", "R31 mallory medium", "R31 mallory medium", "R31 mallory medium", "R31 mallory medium"},                                    // burst of forbidden requests (40)
	125: {"R26 bob medium"},                                                                                                                                // nodes/proxy: kubelet's pods
	126: {"R26 bob medium"},                                                                                                                                // nodes/proxy: kubelet's runningpods
	127: {"R26 bob critical"},                                                                                                                              // nodes/proxy: command run in a pod (POST run)
	128: {"R26 bob medium", "R26 bob medium"},                                                                                                              // nodes/proxy: kubelet's configz and logs
	133: {"R19 bob high"},                                                                                                                                  // persistent volume over a host path
	134: {"R50 bob high", "R50 bob high"},                                                                                                                  // mutating and validating webhook configurations
	135: {"R50 bob medium", "R50 bob medium"},                                                                                                              // webhook configurations deleted
	137: {"R51 bob high"},                                                                                                                                  // namespace's pod security label set to privileged
	140: {"R20 bob medium", "R21 bob high", "R31 system:serviceaccount:shop:web medium"},                                                                   // exec into shop/web; from inside curl with its service account token
	141: {"R55 bob high", "R55 bob medium"},                                                                                                                // events deleted in dev, one by one and all
}

// benignAlerts bounds the alerts of medium severity or higher that ordinary work may raise.
const benignAlerts = 2

func TestLabelledAttacks(t *testing.T) {
	dir := testData(t)
	steps := labels(t, filepath.Join(dir, "INDEX.md"))
	got := map[int][]string{}
	for _, a := range replay(t, filepath.Join(dir, "attacks.log")) {
		at := time.Unix(0, a.TimeNs).UTC().Format("15:04:05.000")
		step, _ := slices.BinarySearch(steps, at+"\xff") // how many steps began until then
		got[step] = append(got[step], fmt.Sprintf("%s %s %s", a.Rule.Key(), a.Details.User, event.SeverityName(a.Severity)))
	}
	for step := range got {
		slices.Sort(got[step])
	}
	if diff := cmp.Diff(attackSteps, got); diff != "" {
		t.Errorf("alerts by step (- wanted, + came):\n%s", diff)
	}
}

func TestBenignLogIsQuiet(t *testing.T) {
	loud := 0
	for _, a := range replay(t, filepath.Join(testData(t), "benign.log")) {
		if a.Severity >= event.SeverityMedium {
			loud++
			t.Logf("%s %s: %s", event.SeverityName(a.Severity), a.Rule.Key(), a.Reason)
		}
	}
	if loud > benignAlerts {
		t.Errorf("%d alerts of medium severity or higher, want at most %d", loud, benignAlerts)
	}
}

func testData(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("PARALLAX_TEST_DATA")
	if dir == "" {
		t.Skip("PARALLAX_TEST_DATA names no directory with recorded audit logs (audit/attacks.log, audit/benign.log, audit/INDEX.md)")
	}
	return filepath.Join(dir, "audit")
}

var labelRow = regexp.MustCompile(`^\| (\d+) \| (\d\d:\d\d:\d\d\.\d\d\d) \|`)

// labels reads when each step of the attacks began, the first step first.
func labels(t *testing.T, index string) []string {
	t.Helper()
	f, err := os.Open(index)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []string
	attacks := false
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "## ") {
			attacks = strings.HasPrefix(lines.Text(), "## attacks ")
		}
		row := labelRow.FindStringSubmatch(lines.Text())
		if row == nil || !attacks {
			continue
		}
		if out = append(out, row[2]); row[1] != strconv.Itoa(len(out)) {
			t.Fatalf("%s: step %s stands at place %d", index, row[1], len(out))
		}
	}
	if len(out) == 0 {
		t.Fatalf("%s: no labelled attacks", index)
	}
	return out
}

// replay returns the alerts of the built-in rules on a log.
func replay(t *testing.T, log string) []*event.Alert {
	t.Helper()
	reader, err := logfile.Open(logfile.DefaultConfig(), []string{log}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	l := loaded.Parts(mustLoad(t))
	cfg := pipeline.DefaultConfig()
	cfg.Fault = func(f event.Fault) { t.Error(f) }
	var out collected
	if _, err := pipeline.New(cfg, pipeline.Parts{Lanes: []pipeline.Lane{{Source: reader, Worker: func() pipeline.Worker { return pipeline.Judged(l.Worker()) }}}, Detector: l.Detector(), Sink: &out}).Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	return out
}

type collected []*event.Alert

func (c *collected) Write(_ context.Context, alerts []*event.Alert) error {
	*c = append(*c, alerts...)
	return nil
}
