// Package falco reads the alerts of a Falco that runs beside Parallax and says what their fields are.
//
// In go batches of JSON, an alert a line: what Falco's http_output and file_output write, what falcosidekick posts, and what package
// intake makes of Falco's gRPC output. Out come events (event.SourceFalco), one for each alert, and faults for what is no alert.
//
// Everything in an alert is a claim of who sent it. It is judged by rules (falco.*) and shown, and feeds nothing else. An alert's
// id comes from host, time, rule and output fields, so that the same alert is one event whichever way it came. A time that lies
// ahead of its receipt is not believed, and what is shown says so.
//
// The package is pure. A Decoder belongs to one goroutine; its events own their memory.
//
//	event.Batch -> Decoder -> Event -> Fields (rules) and Details (alerts)
package falco
