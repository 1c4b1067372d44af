package program

import (
	"fmt"
	"net/netip"

	"github.com/parallax-sec/parallax/event"
)

// network compares addresses with networks; a single address is a network of its full length. A text that is no address is
// as good as missing: nothing holds of it.
type network struct {
	op   Op
	mod  Mod
	nets []netip.Prefix
}

func newNetMatcher(t *Test) (matcher, error) {
	m := network{op: t.Op, mod: t.Mod, nets: t.Right.Nets}
	switch t.Op {
	case Eq, Ne:
	case In, Intersects:
		m.mod = AnyOf
	default:
		return nil, fmt.Errorf("%s does not compare addresses", t.Op)
	}
	if len(t.Right.Nets) != len(t.Right.Texts) {
		return nil, fmt.Errorf("%s wants addresses or networks", t.Op)
	}
	if m.mod == NoMod && len(m.nets) != 1 {
		return nil, fmt.Errorf("%s wants one address or network, not %d", t.Op, len(m.nets))
	}
	return m, nil
}

func (m network) match(v *event.Value) bool {
	switch v.Kind() {
	case event.KindText:
		return m.matchText(v.Text())
	case event.KindList:
		return m.matchList(v.List())
	}
	return false
}

func (m network) matchList(list []string) bool {
	all := m.op == In
	for _, s := range list {
		if m.matchText(s) != all {
			return !all
		}
	}
	return all
}

func (m network) matchText(s string) bool {
	addr, err := netip.ParseAddr(s)
	if err != nil {
		return false
	}
	addr, hits := addr.Unmap().WithZone(""), 0
	for _, n := range m.nets {
		if n.Contains(addr) != (m.op == Ne) {
			hits++
		}
	}
	return enough(m.mod, hits, len(m.nets))
}
