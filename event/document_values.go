package event

import (
	"net/netip"
	"slices"
	"strings"
)

// categories are those of the event, and, of an alert, that something was detected.
func categories(a *Alert) []string {
	d := a.Details
	if a.Plain || slices.Contains(d.Categories, "intrusion_detection") {
		return d.Categories
	}
	return append(slices.Clip(d.Categories), "intrusion_detection")
}

// types are what ECS expects with the categories: what was done, and that it was denied; info where neither is known.
func types(d *Details) []string {
	var out []string
	if d.Change != "" {
		out = append(out, d.Change)
	}
	if d.Audit != nil && d.Audit.Decision == "forbid" {
		out = append(out, "denied")
	}
	if out == nil {
		out = append(out, "info")
	}
	return out
}

// address returns s where it is an IP address, since a document with another text in a field of type ip is refused.
func address(s string) string {
	addr, err := netip.ParseAddr(s)
	if err != nil || addr.Zone() != "" {
		return ""
	}
	return s
}

func addresses(d *Details, audit *Audit) []string {
	var out []string
	for _, s := range slices.Concat([]string{d.SourceIP}, audit.SourceIPs) {
		if s = address(s); s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func users(d *Details, k *Kernel) []string {
	var out []string
	for _, s := range []string{d.User, d.Impersonated, d.Principal, k.Process.User.Name, k.Process.RealUser.Name} {
		if s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// only returns s where d is about an object of this resource.
func only(d *Details, resource, s string) string {
	if d.Resource != resource {
		return ""
	}
	return s
}

// objectUID is the pod's uid where the object is a pod, else its own.
func objectUID(d *Details) string {
	if d.PodUID != "" {
		return d.PodUID
	}
	return d.ObjectUID
}

// hosts are the pod and node that the alert is about.
func hosts(d *Details, k *Kernel) []string {
	var out []string
	if d.Name != "" && (d.Resource == "pods" || d.Resource == "nodes") {
		out = append(out, d.Name)
	}
	if k.Node != "" {
		out = append(out, k.Node)
	}
	return out
}

// singular turns a resource's plural, as in the API's paths, into the kind of thing it is: pods -> pod.
func singular(resource string) string {
	switch {
	case resource == "endpoints":
		return resource
	case strings.HasSuffix(resource, "ies"):
		return resource[:len(resource)-3] + "y"
	case strings.HasSuffix(resource, "sses"):
		return resource[:len(resource)-2]
	}
	return strings.TrimSuffix(resource, "s")
}

// auditIDs are the ids of the audit events behind the alert.
func auditIDs(audit *Audit) []string {
	if audit.AuditID == "" {
		return nil
	}
	return []string{audit.AuditID}
}

func (w *docWriter) one(s string) {
	if s != "" {
		w.texts([]string{s})
	}
}

// code writes an HTTP status; 0 is none.
func (w *docWriter) code(n int) {
	if n != 0 {
		w.number(n)
	}
}
