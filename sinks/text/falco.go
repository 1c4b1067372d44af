package text

import "github.com/parallax-sec/parallax/event"

// appendFalcoBody appends whose alert it is, how grave Falco calls it and who sent it, then where it was seen, and the rule's sentence; of
// an event that is given out as it is, Falco's own.
func appendFalcoBody(dst []byte, a *event.Alert) []byte {
	d, f := a.Details, a.Details.Falco
	dst = appendName(append(dst, "Falco's "...), orElse(f.Priority, "alert"))
	if f.Rule != a.Message {
		dst = appendName(append(dst, ' '), f.Rule)
	}
	dst = appendName(append(dst, " sent by "...), orElse(f.Sender, "an unknown sender"))
	if place := appendPlace(nil, d, &f.Seen); len(place) > 0 {
		dst = append(append(dst, ", "...), place...)
	}
	switch {
	case a.Reason != "":
		dst = event.AppendVisible(append(dst, ": "...), event.ClipEscaped(a.Reason, maxSentence))
	case f.Output != "":
		dst = event.AppendEscaped(append(dst, ": "...), event.Clip(f.Output, maxSentence))
	}
	return append(dst, '\n')
}
