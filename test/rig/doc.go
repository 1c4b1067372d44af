// Package rig runs the program under test as its users do, for tests of whole processes: it builds it, starts it, kills it, sends it
// audit events over HTTPS as an API server does, and reads the alerts that it writes.
package rig
