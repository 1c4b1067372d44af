// Package intake takes Falco's alerts in and hands each, as one line of JSON, to a Store.
//
//	Falco's http_output, falcosidekick -> Handler --+
//	Falco's gRPC output (up to 0.43)   -> GRPC    --+-> Store
//
// Both stand behind senders that do not send again: Falco looks at no HTTP status, and its gRPC queue forgets an alert when it is read. So an
// alert is stored before the answer, or before the next one is asked for, and storing is tried again for as long as the sender can wait.
//
// Who may send is known by a client's certificate or by a secret at the end of the path, which is never logged. What a sender is allowed
// to send is bounded: its size, its time, how much at once.
package intake
