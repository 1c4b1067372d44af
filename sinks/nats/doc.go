// Package nats publishes alerts, as ECS documents, to a subject of the user's own NATS servers: SUBJECT.critical, SUBJECT.high,
// SUBJECT.medium, SUBJECT.low.
//
//	alerts -> documents -> JetStream, where a stream takes the subject: stored when Write returns, known again by the message id
//	                    -> else whoever subscribes at that moment: with nobody there, or one that is too slow, they are gone
//
// The message id (Nats-Msg-Id) is event.id.revision. A stream knows it again for as long as its duplicate window is (2 minutes unless
// it says otherwise); after that, event.id and parallax.revision in the document tell.
package nats
