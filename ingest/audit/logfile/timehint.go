package logfile

import (
	"bytes"
	"time"
)

// stamps are what stands before the time of an event. stageTimestamp is a field of every audit event since audit.k8s.io/v1beta1, in
// RFC 3339 with microseconds; its name cannot stand like this inside a JSON string, where the quotes would be escaped. The
// others are looked for where there is none: the same in an envelope that holds events as texts, the column of AKS' tables, and
// the time of GKE's entries (package envelope).
var stamps = [][]byte{[]byte(`"stageTimestamp"`), []byte(`\"stageTimestamp\"`), []byte(`"StageReceivedTime"`), []byte(`"timestamp"`)}

// hintBytes is how much of a batch's end is searched for a time. The API server writes stageTimestamp near the end of an
// event, with only annotations behind it.
const hintBytes = 64 << 10

// lastTime returns the last time of an event near the end of data, in nanoseconds since 1970 UTC; 0 where there is none.
func lastTime(data []byte) int64 {
	data = data[max(0, len(data)-hintBytes):]
	for _, stamp := range stamps {
		if t := lastAfter(data, stamp); t != 0 {
			return t
		}
	}
	return 0
}

func lastAfter(data, stamp []byte) int64 {
	for {
		i := bytes.LastIndex(data, stamp)
		if i < 0 {
			return 0
		}
		if t := timeAfter(data[i+len(stamp):]); t > 0 {
			return t
		}
		data = data[:i]
	}
}

// oldestTime returns the smallest time of an event in data; 0 where there is none.
func oldestTime(data []byte) int64 {
	for _, stamp := range stamps {
		if t := oldestAfter(data, stamp); t != 0 {
			return t
		}
	}
	return 0
}

func oldestAfter(data, stamp []byte) int64 {
	var oldest int64
	for {
		i := bytes.Index(data, stamp)
		if i < 0 {
			return oldest
		}
		data = data[i+len(stamp):]
		if t := timeAfter(data); t > 0 && (oldest == 0 || t < oldest) {
			oldest = t
		}
	}
}

// timeAfter parses `: "2026-11-20T23:49:03.111977Z"` at the start of b, its quotes escaped or not; 0 where something else stands there.
func timeAfter(b []byte) int64 {
	const blanks = " \t\r\n"
	b = bytes.TrimLeft(b[:min(len(b), 64)], blanks)
	b, colon := bytes.CutPrefix(b, []byte(":"))
	b, quote := bytes.CutPrefix(bytes.TrimLeft(b, blanks+`\`), []byte(`"`))
	end := bytes.IndexAny(b, `"\`)
	if !colon || !quote || end < 0 {
		return 0
	}
	t, err := time.Parse(time.RFC3339Nano, string(b[:end]))
	if err != nil || t.Year() < 1970 || t.Year() > 2200 {
		return 0
	}
	return t.UnixNano()
}
