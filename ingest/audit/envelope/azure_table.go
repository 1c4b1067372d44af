package envelope

import "strings"

// columns are those of the tables AKSAudit, AKSAuditAdmin and their kin of Azure Arc, in the order in which the API server
// writes the members that they were made of. Dynamic ones hold JSON, as a value or as a text.
var columns = []struct {
	name, key string
	dynamic   bool
}{
	{"Level", "level", false},
	{"AuditId", "auditID", false},
	{"Stage", "stage", false},
	{"RequestUri", "requestURI", false},
	{"Verb", "verb", false},
	{"User", "user", true},
	{"SourceIps", "sourceIPs", true},
	{"UserAgent", "userAgent", false},
	{"ObjectRef", "objectRef", true},
	{"ResponseStatus", "responseStatus", true},
	{"RequestObject", "requestObject", true},
	{"ResponseObject", "responseObject", true},
	{"RequestReceivedTime", "requestReceivedTimestamp", false},
	{"StageReceivedTime", "stageTimestamp", false},
	{"Annotations", "annotations", true},
}

// tableRow makes an event of a row of such a table.
func (o *Opener) tableRow(m *members) {
	w := o.newWriter()
	for _, c := range columns {
		v := m.get(c.name)
		switch {
		case isString(v) && len(v) == 2: // what a row does not have is an empty text
		case c.dynamic && isString(v):
			w.dynamic(c.key, v)
		case v != nil:
			w.raw(c.key, v)
		}
	}
	kind := AKSTable
	if strings.HasSuffix(m.str("Type"), "Admin") || strings.HasSuffix(m.str("TableName"), "Admin") {
		kind = AKSAdminTable
	}
	o.taker.Value(w.done(), kind)
}

// tables opens what the API of Log Analytics answers: tables of columns and rows.
func (o *Opener) tables(m *members) {
	eachElement(m.get("tables"), func(v []byte) {
		table := readMembers(v)
		var names [][]byte
		eachElement(table.get("columns"), func(column []byte) {
			c := readMembers(column)
			names = append(names, []byte(c.str("name")))
		})
		eachElement(table.get("rows"), func(row []byte) { o.row(names, row) })
	})
}

// row opens a row whose cells are in the order of the names of their columns.
func (o *Opener) row(names [][]byte, row []byte) {
	var m members
	eachElement(row, func(cell []byte) {
		if len(m.all) < min(len(names), maxMembers) {
			m.all = append(m.all, member{names[len(m.all)], cell})
		}
	})
	switch {
	case m.isAzure():
		o.azure(&m)
	case m.has("AuditId") && m.has("RequestUri"):
		o.tableRow(&m)
	default:
		o.taker.Refuse(errNoText)
	}
}
