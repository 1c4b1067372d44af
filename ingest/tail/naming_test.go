package tail

import (
	"testing"
)

func TestBackupNames(t *testing.T) {
	f := func(name, log string) {
		t.Helper()
		b, ok := Backup(name)
		if ok != (log != "") || b.Log != log {
			t.Errorf("%s: %q %v, want %q", name, b.Log, ok, log)
		}
	}
	f("audit-2026-11-20T23-49-03.111.log", "audit.log")
	f("audit-2026-11-20T23-49-03.111.log.gz", "audit.log")
	f("my-audit-2026-11-20T23-49-03.111", "my-audit")
	f("audit.log.1", "audit.log")
	f("audit.log.12.gz", "audit.log")
	f("audit.log.1.zst", "audit.log")
	f("audit.log-20261120", "audit.log")
	f("audit.log-20261120.gz", "audit.log")
	f("audit-20261120.log", "audit.log")
	f("audit.log-2026112023", "audit.log")
	f("audit.log-20261120-1795218543", "audit.log")
	f("events-20261120-2349.json", "events.json")
	f("0.log.20261120-234903.gz", "0.log")
	f("audit.log", "")
	f("audit-node-1.log", "")
	f("audit-2026.log", "")
	f("audit-2026-13-20T23-49-03.111.log", "")
	f("audit.log.123456", "")
	f("falco.1.log", "")
	f("", "")
}

func TestBackupsInOrderOfAge(t *testing.T) {
	f := func(names ...string) {
		t.Helper()
		for i := range names {
			for j := range names[:i] {
				a, _ := Backup(names[j])
				b, _ := Backup(names[i])
				if a.Order >= b.Order {
					t.Errorf("%s does not come before %s", names[j], names[i])
				}
			}
		}
	}
	f("a.log.10", "a.log.9.gz", "a.log.1", "a.log-20261119", "a.log-20261120")
	f("a-2026-11-20T23-49-03.111.log", "a-2026-11-20T23-49-03.112.log.gz")
	f("a.log-20261120-1795218543", "a.log-20261120-1795218544", "a.log-20261121-1795304943")
	f("a.log-20261120-2349", "a.log-20261120-2350", "a.log-20261121-0000")
}
