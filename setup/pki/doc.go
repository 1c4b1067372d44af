// Package pki makes a small certificate authority and the certificates of servers and clients that it signs.
//
//	NewCA or ParseCA -> *CA -> Issue(Leaf) -> Pair (certificate and key, PEM)
//
// Keys are ECDSA P-256, signatures SHA-256. A server's certificate is not good for a client, nor the other way round, so that
// somebody who has stolen one kind cannot act as the other. Times come in as arguments; keys and serial numbers are random.
//
// A CA is not changed after it was made, and may be used concurrently.
package pki
