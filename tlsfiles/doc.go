// Package tlsfiles makes TLS configurations of certificate files that may change while the program runs.
//
//	cert, key, CA files -> Server or Client -> *Files -> Config (each new connection takes the set in force)
//
// A set is read as a whole and takes the place of the last one as a whole. Where the files do not make a set (one is missing, a
// key is not that of its certificate, which is so for a moment while somebody replaces them) the last good set stays in force, and
// the error is told. Watch compares the contents of the files, so that it sees a file replaced, written in place, and the swap of
// the link ..data by which Kubernetes changes the files of a volume.
//
// Connections that stand keep what they began with: who takes a CA away, also ends the connections of its clients.
//
// All methods of Files may be called concurrently.
package tlsfiles
