package program

import (
	"testing"

	"github.com/parallax-sec/parallax/event"
)

func TestNetworks(t *testing.T) {
	f := func(value any, op Op, want bool, nets ...string) {
		t.Helper()
		expect(t, checkNets(subject(event.IP), op, nets...), value, want)
		expect(t, checkNets(subjectList(event.Net), op, nets...), value, want)
	}
	f("10.1.2.3", Eq, true, "10.0.0.0/8")
	f("10.1.2.3", Ne, false, "10.0.0.0/8")
	f("11.1.2.3", Ne, true, "10.0.0.0/8")
	f("10.1.2.3", In, true, "192.168.0.0/16", "10.1.2.3/32")
	f("10.1.2.4", In, false, "192.168.0.0/16", "10.1.2.3/32")
	f("::ffff:10.1.2.3", Eq, true, "10.0.0.0/8") // IPv4 in IPv6
	f("fe80::1%eth0", Eq, true, "fe80::/10")
	f("10.1.2.3", Eq, false, "::/0")
	f("10.1.2.3", Ne, true, "::/0")
	f("no address", Eq, false, "0.0.0.0/0")
	f("no address", Ne, false, "0.0.0.0/0") // as good as missing
	f(nil, Ne, false, "10.0.0.0/8")
	f([]string{"10.1.2.3", "10.9.9.9"}, In, true, "10.0.0.0/8")
	f([]string{"10.1.2.3", "8.8.8.8"}, In, false, "10.0.0.0/8")
	f([]string{"10.1.2.3", "8.8.8.8"}, Intersects, true, "10.0.0.0/8")
}
