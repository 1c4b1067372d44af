package envelope

import "strings"

// Categories of AKS' diagnostic settings that hold audit events. kube-audit-admin is kube-audit without get and list.
const (
	categoryAudit = "kube-audit"
	categoryAdmin = "kube-audit-admin"
)

// isAzure says whether an object is a record of diagnostic settings, or a row of the table AzureDiagnostics that it becomes in
// Log Analytics.
func (m *members) isAzure() bool {
	return m.has("category") && isObject(m.get("properties")) || m.has("Category") && m.has("log_s")
}

// azure opens such a record.
func (o *Opener) azure(m *members) {
	category, text := m.str("category"), []byte(nil)
	if m.has("category") {
		in := readMembers(m.get("properties"))
		text = in.get("log")
	} else {
		category, text = m.str("Category"), m.get("log_s")
	}
	switch {
	case strings.EqualFold(category, categoryAudit):
		o.value(text, AKS)
	case strings.EqualFold(category, categoryAdmin):
		o.value(text, AKSAdmin)
	default:
		o.taker.Skip(OtherComponent, 1)
	}
}
