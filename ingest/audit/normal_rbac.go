package audit

import "github.com/parallax-sec/parallax/ingest/audit/tape"

// elements are the parts of a list that are judged one by one.
type elements struct {
	done bool
	list []tape.Node
}

func (l *elements) fill(list tape.Node) []tape.Node {
	if !l.done {
		l.done, l.list = true, l.list[:0]
		for n := range list.Elements() {
			l.list = append(l.list, n)
		}
	}
	return l.list
}

// resourceIs says whether the request is about objects of one of two resources themselves, not about a subresource.
func (e *Event) resourceIs(a, b string) bool {
	r, _ := e.str(&e.object.resource)
	sub, _ := e.str(&e.object.subresource)
	return sub == "" && (r == a || r == b)
}

// rules are the rules of a Role or ClusterRole.
func (e *Event) rules() []tape.Node {
	if !e.resourceIs("roles", "clusterroles") {
		return nil
	}
	return e.derived().rules.fill(e.obj().root.Get("rules"))
}

// binding is the object where it is a RoleBinding or ClusterRoleBinding.
func (e *Event) binding() tape.Node {
	if !e.resourceIs("rolebindings", "clusterrolebindings") {
		return tape.Node{}
	}
	return e.obj().root
}

// subjects are the subjects of a RoleBinding or ClusterRoleBinding.
func (e *Event) subjects() []tape.Node {
	binding := e.binding()
	return e.derived().subjects.fill(binding.Get("subjects"))
}

// subjectText is a subject in one word: "User:alice", "Group:dev", "ServiceAccount:shop/robot".
func (e *Event) subjectText(s tape.Node) string {
	return e.keep(func(dst []byte) []byte {
		kind := stringOf(s.Get("kind"))
		dst = append(append(dst, kind...), ':')
		if kind == "ServiceAccount" {
			dst = append(append(dst, stringOf(s.Get("namespace"))...), '/')
		}
		return append(dst, stringOf(s.Get("name"))...)
	})
}
