package bus

import (
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// The streams and buckets.
const (
	streamEvents     = "PLX"
	streamAlerts     = "PLX_ALERT"
	streamFacts      = "PLX_FACT"
	streamDead       = "PLX_DLQ"
	streamQuarantine = "PLX_QUARANTINE"
	bucketCheckpoint = "plx-ckpt"
	bucketMeta       = "plx-meta"
)

const (
	// dedupeEvents is for how long a body that an API server sends again is known, dedupeAlerts the same for alerts. Both save
	// space only: what is stored twice has the same ids.
	dedupeEvents = 15 * time.Minute
	dedupeAlerts = time.Hour
	// keepAside is how long dead letters and quarantined pieces are kept. They have been reported: the oldest make room.
	keepAside   = 30 * 24 * time.Hour
	bucketBytes = 16 << 20
)

// streamConfigs are the streams. Those that hold what may not have been handled yet have no maximum age (a jump of the clock would
// delete it) and refuse what is too much. In that of facts
// PutFacts then makes room itself: nothing may come to stand still for one.
func streamConfigs(l *Limits, replicas int) []jetstream.StreamConfig {
	subjects := func(prefixes ...string) (out []string) {
		for _, p := range prefixes {
			out = append(out, p+".>")
		}
		return out
	}
	configs := []jetstream.StreamConfig{
		{Name: streamEvents, Subjects: subjects(subjectAudit, subjectNode, subjectFalco, subjectControl), MaxBytes: l.Events, Discard: jetstream.DiscardNew, Duplicates: dedupeEvents, AllowAtomicPublish: true},
		{Name: streamAlerts, Subjects: subjects(subjectAlert), MaxBytes: l.Alerts, Discard: jetstream.DiscardNew, Duplicates: dedupeAlerts, AllowAtomicPublish: true},
		{Name: streamFacts, Subjects: subjects(subjectFact), MaxBytes: l.Facts, Discard: jetstream.DiscardNew, MaxMsgsPerSubject: 1, AllowAtomicPublish: true},
		{Name: streamDead, Subjects: subjects(subjectDead), MaxBytes: l.Dead, Discard: jetstream.DiscardOld, MaxAge: keepAside, Duplicates: dedupeAlerts},
		{Name: streamQuarantine, Subjects: subjects(subjectQuarantine), MaxBytes: l.Quarantine, Discard: jetstream.DiscardOld, MaxAge: keepAside, Duplicates: dedupeAlerts},
	}
	for i := range configs {
		configs[i].Storage, configs[i].Replicas = jetstream.FileStorage, replicas
		configs[i].DenyDelete = true
	}
	return configs
}
