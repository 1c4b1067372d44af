package bpf

// Lost says how often the programs of one CPU had to leave something out, for one reason, since they were loaded.
type Lost struct {
	CPU    int
	Reason string // rare_full, bulk_full: no room in the ring; marks_full, calls_full: no room in that table
	N      uint64
}

// lostReasons are the names of enum lost_reason, by value.
func lostReasons() [sensorLostReasonLOST_REASONS]string {
	return [...]string{
		sensorLostReasonLOST_RARE_FULL:  "rare_full",
		sensorLostReasonLOST_BULK_FULL:  "bulk_full",
		sensorLostReasonLOST_MARKS_FULL: "marks_full",
		sensorLostReasonLOST_CALLS_FULL: "calls_full",
	}
}
