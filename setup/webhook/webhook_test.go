package webhook

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parallax-sec/parallax/setup/pki"
)

var now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func plain(t *testing.T) Config {
	t.Helper()
	return Config{Dir: t.TempDir(), URL: "https://127.0.0.1:9443/audit"}
}

func plan(t *testing.T, c Config, at time.Time) *Plan {
	t.Helper()
	p, err := NewPlan(c, at)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func apply(t *testing.T, c Config, at time.Time) *Plan {
	t.Helper()
	p := plan(t, c, at)
	if err := p.Apply(); err != nil {
		t.Fatal(err)
	}
	return p
}

// actions tells in short what a plan does; what it keeps only when nothing else happens.
func (p *Plan) actions() []string {
	var out []string
	for _, s := range p.Steps() {
		if s.Action != "keep" {
			out = append(out, string(s.Action)+" "+s.Name)
		}
	}
	slices.Sort(out)
	return out
}

func same(t *testing.T, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		out[e.Name()] = string(data)
	}
	return out
}

func TestFirstRun(t *testing.T) {
	c := plain(t)
	p := plan(t, c, now)
	if got := contents(t, c.Dir); len(got) != 0 {
		t.Errorf("planning wrote %v", got)
	}
	if err := p.Apply(); err != nil {
		t.Fatal(err)
	}
	same(t, p.actions(), "make audit-policy.yaml", "make ca.crt", "make ca.key", "make client.crt", "make client.key",
		"make server.crt", "make server.key", "make webhook-kubeconfig.yaml")
	for name, mode := range map[string]os.FileMode{
		"ca.crt": 0o644, "ca.key": 0o600, "server.crt": 0o644, "server.key": 0o600, "client.crt": 0o644, "client.key": 0o600,
		"webhook-kubeconfig.yaml": 0o600, "audit-policy.yaml": 0o644,
	} {
		info, err := os.Stat(filepath.Join(c.Dir, name))
		if err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v, want %o", name, info, err, mode)
		}
	}
	if len(p.Warnings) > 0 || !p.CAEnds.Equal(now.Add(pki.CALifetime)) || !p.LeavesEnd.Equal(now.Add(pki.LeafLifetime)) {
		t.Errorf("%q, CA until %s, others until %s", p.Warnings, p.CAEnds, p.LeavesEnd)
	}
}

func TestSecondRunKeepsAll(t *testing.T) {
	c := plain(t)
	apply(t, c, now)
	before := contents(t, c.Dir)
	later := now.Add(pki.LeafLifetime - pki.RenewBefore - time.Hour)
	p := apply(t, c, later)
	same(t, p.actions())
	if diff := cmp.Diff(before, contents(t, c.Dir)); diff != "" {
		t.Error(diff)
	}
	if !p.LeavesEnd.Equal(now.Add(pki.LeafLifetime)) || !p.RenewAfter.After(later) {
		t.Errorf("until %s, renewed from %s on", p.LeavesEnd, p.RenewAfter)
	}
}

func TestWhatIsMadeAnew(t *testing.T) {
	f := func(name string, at time.Time, change func(c *Config), want ...string) {
		t.Helper()
		c := plain(t)
		apply(t, c, now)
		change(&c)
		p := apply(t, c, at)
		if diff := cmp.Diff(want, p.actions()); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
		same(t, apply(t, c, at).actions())
	}
	all := []string{"replace client.crt", "replace client.key", "replace server.crt", "replace server.key", "replace webhook-kubeconfig.yaml"}
	f("certificates end soon", now.Add(pki.LeafLifetime-time.Hour), func(*Config) {}, all...)
	f("another address", now, func(c *Config) { c.URL = "https://192.0.2.1:9443/audit" },
		"replace server.crt", "replace server.key", "replace webhook-kubeconfig.yaml")
	f("another port", now, func(c *Config) { c.URL = "https://127.0.0.1:9444/audit" }, "replace webhook-kubeconfig.yaml")
	f("one more name", now, func(c *Config) { c.SANs = []string{"hub.example"} }, "replace server.crt", "replace server.key")
	f("another cluster", now, func(c *Config) { c.Cluster = "prod" },
		"replace client.crt", "replace client.key", "replace webhook-kubeconfig.yaml")
	f("a key is gone", now, func(c *Config) { os.Remove(filepath.Join(c.Dir, "client.key")) },
		"make client.key", "replace client.crt", "replace webhook-kubeconfig.yaml")
	f("the policy is gone", now, func(c *Config) { os.Remove(filepath.Join(c.Dir, "audit-policy.yaml")) }, "make audit-policy.yaml")
	f("the kubeconfig was changed", now, func(c *Config) { put(t, c.Dir, "webhook-kubeconfig.yaml", "") }, "replace webhook-kubeconfig.yaml")
	f("a key that everybody can read", now, func(c *Config) { os.Chmod(filepath.Join(c.Dir, "server.key"), 0o644) }, "protect server.key")
}

func put(t *testing.T, dir, name, data string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestForceMakesANewCA(t *testing.T) {
	c := plain(t)
	apply(t, c, now)
	put(t, c.Dir, "client-old.crt", contents(t, c.Dir)["client.crt"])
	c.NewCA = true
	p := apply(t, c, now)
	same(t, p.actions(), "replace ca.crt", "replace ca.key", "replace client.crt", "replace client.key",
		"replace server.crt", "replace server.key", "replace webhook-kubeconfig.yaml")
	if len(p.Warnings) != 1 || !strings.Contains(p.Warnings[0], "client-old.crt (default/default) is of another CA") {
		t.Errorf("%q", p.Warnings)
	}
}

func TestTheCAIsNeverReplacedSilently(t *testing.T) {
	f := func(name string, at time.Time, change func(dir string), want string) {
		t.Helper()
		c := plain(t)
		apply(t, c, now)
		change(c.Dir)
		before := contents(t, c.Dir)
		_, err := NewPlan(c, at)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "--force") {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
		if diff := cmp.Diff(before, contents(t, c.Dir)); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
		c.NewCA = true
		apply(t, c, at)
	}
	remove := func(names ...string) func(string) {
		return func(dir string) {
			for _, name := range names {
				os.Remove(filepath.Join(dir, name))
			}
		}
	}
	f("its certificate is gone", now, remove("ca.crt"), "ca.key is there without ca.crt")
	f("its key is gone and needed", now, remove("ca.key", "server.crt"), "server.crt must be made (not there yet), and ca.key")
	f("its key is gone and needed to renew", now.Add(pki.LeafLifetime), remove("ca.key"), "server.crt must be made (it ends on 2028-11-20)")
	f("it is broken", now, func(dir string) { put(t, dir, "ca.crt", "a text") }, "ca.crt")
	f("its key is another's", now, func(dir string) { put(t, dir, "ca.key", contents(t, dir)["server.key"]) }, "ca.crt")
	f("it ended", now.Add(pki.CALifetime+time.Hour), func(string) {}, "the CA ended on 2036-11-18")
}

// The CA's key may be kept elsewhere; as long as nothing has to be signed it is not missed.
func TestCAWithoutItsKey(t *testing.T) {
	c := plain(t)
	apply(t, c, now)
	os.Remove(filepath.Join(c.Dir, "ca.key"))
	same(t, apply(t, c, now).actions())
}

func TestCAThatEndsSoon(t *testing.T) {
	c := plain(t)
	apply(t, c, now)
	p := apply(t, c, now.Add(pki.CALifetime-24*time.Hour))
	if len(p.Warnings) != 1 || !strings.Contains(p.Warnings[0], "the CA ends on 2036-11-18") || !p.LeavesEnd.Equal(p.CAEnds) {
		t.Errorf("%q, certificates until %s", p.Warnings, p.LeavesEnd)
	}
}

func TestOwnPolicyStays(t *testing.T) {
	c := plain(t)
	put(t, c.Dir, "audit-policy.yaml", "mine")
	p := apply(t, c, now)
	if contents(t, c.Dir)["audit-policy.yaml"] != "mine" || len(p.Warnings) != 1 || !strings.Contains(p.Warnings[0], "not this version's policy") {
		t.Errorf("%q", p.Warnings)
	}
}

func TestAPIServers(t *testing.T) {
	c := plain(t)
	apply(t, c, now)
	c.Cluster, c.APIServers = "prod", []string{"cp1", "cp2"}
	p := apply(t, c, now)
	same(t, p.actions(), "make client-cp1.crt", "make client-cp1.key", "make client-cp2.crt", "make client-cp2.key",
		"make webhook-kubeconfig-cp1.yaml", "make webhook-kubeconfig-cp2.yaml")
	if len(p.Warnings) != 1 || !strings.Contains(p.Warnings[0], "client.crt (default/default) was made earlier") {
		t.Errorf("%q", p.Warnings)
	}
	for _, name := range c.APIServers {
		cert, err := pki.ParseCertificate([]byte(contents(t, c.Dir)["client-"+name+".crt"]))
		if err != nil || cert.Subject.String() != "CN=prod/"+name+",O=parallax:apiserver" {
			t.Errorf("%s: %v, %v", name, cert.Subject, err)
		}
		if text := contents(t, c.Dir)["webhook-kubeconfig-"+name+".yaml"]; !strings.Contains(text, "server: https://127.0.0.1:9443/audit/prod/"+name+"\n") {
			t.Errorf("%s:\n%s", name, text)
		}
	}
	c.APIServers = []string{"cp1", "cp2", "cp3"}
	same(t, apply(t, c, now).actions(), "make client-cp3.crt", "make client-cp3.key", "make webhook-kubeconfig-cp3.yaml")
}

func TestURLAndServerName(t *testing.T) {
	f := func(change func(c *Config), url, verifyAs string, hosts ...string) {
		t.Helper()
		c := plain(t)
		change(&c)
		p := plan(t, c, now)
		if got := p.Clients[0].URL; got != url {
			t.Errorf("%s: %s, want %s", c.URL, got, url)
		}
		if got := c.verifyAs(p.url); got != verifyAs {
			t.Errorf("%s: verified as %q, want %q", c.URL, got, verifyAs)
		}
		if got := c.serverLeaf(p.url).Hosts; !slices.Equal(got, hosts) {
			t.Errorf("%s: for %q, want %q", c.URL, got, hosts)
		}
	}
	const name = "parallax-webhook"
	f(func(c *Config) {}, "https://127.0.0.1:9443/audit", name, "127.0.0.1", name)
	f(func(c *Config) { c.URL = "https://hub.example/" }, "https://hub.example/audit", "", "hub.example")
	f(func(c *Config) { c.URL = "https://[2001:db8::1]:9443" }, "https://[2001:db8::1]:9443/audit", name, "2001:db8::1", name)
	f(func(c *Config) { c.URL = "https://hub.example:9443//audit/"; c.Cluster = "prod" }, "https://hub.example:9443/audit/prod/default", "", "hub.example")
	f(func(c *Config) { c.ServerName = "hub.example"; c.SANs = []string{"192.0.2.9"} },
		"https://127.0.0.1:9443/audit", "hub.example", "127.0.0.1", "hub.example", "192.0.2.9")
	f(func(c *Config) { c.URL = "https://hub.example"; c.ServerName = "hub.example" }, "https://hub.example/audit", "hub.example", "hub.example")
}

func TestNamesOfServicesAreWarnedOf(t *testing.T) {
	for _, host := range []string{"parallax.monitoring.svc", "parallax.monitoring.svc.cluster.local"} {
		c := plain(t)
		c.URL = "https://" + host + ":9443/audit"
		if p := plan(t, c, now); len(p.Warnings) != 1 || !strings.Contains(p.Warnings[0], "--tls-server-name "+host) {
			t.Errorf("%s: %q", host, p.Warnings)
		}
	}
}

func TestValidate(t *testing.T) {
	f := func(want string, change func(c *Config)) {
		t.Helper()
		c := plain(t)
		change(&c)
		if _, err := NewPlan(c, now); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
		if got := contents(t, c.Dir); len(got) > 0 {
			t.Errorf("%q: wrote %v", want, got)
		}
	}
	url := func(s string) func(c *Config) { return func(c *Config) { c.URL = s } }
	f("want https://", url("http://127.0.0.1:9443/audit"))
	f("want https://", url("127.0.0.1:9443"))
	f("want https://", url("https:127.0.0.1"))
	f("", url("https://"))
	f("not the name of a host", url("https://:9443/audit"))
	f("not the name of a host", url("https://a_b/audit"))
	f("no such port", url("https://hub.example:70000/audit"))
	f("host, a port and a path only", url("https://me:secret@hub.example/audit"))
	f("host, a port and a path only", url("https://hub.example/audit?x=1"))
	f("host, a port and a path only", url("https://hub.example/audit#x"))
	f("want https://", url("https://hub.example/%zz"))
	f("takes events at /audit only", url("https://hub.example/audit/prod/cp1"))
	f("takes events at /audit only", url("https://hub.example/events"))
	f("letters, digits", func(c *Config) { c.APIServers = []string{"../x"} })
	f("letters, digits", func(c *Config) { c.APIServers = []string{""} })
	f("letters, digits", func(c *Config) { c.APIServers = []string{".."} })
	f("letters, digits", func(c *Config) { c.Cluster = "a/b" })
	f("letters, digits", func(c *Config) { c.Cluster = "a b"; c.APIServers = []string{"a"} })
	f("named twice", func(c *Config) { c.APIServers = []string{"a", "b", "a"} })
	f("takes 64 characters", func(c *Config) { c.Cluster = strings.Repeat("c", 60) })
	f("not the name of a host", func(c *Config) { c.SANs = []string{"hub.example", "a b"} })
	f("not the name of a host", func(c *Config) { c.SANs = []string{"*"} })
	f("not the name of a host", func(c *Config) { c.ServerName = "192.0.2.1:443" })
}
