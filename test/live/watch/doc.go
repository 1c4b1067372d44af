// Package watch runs the program under test for the live tests, and collects the documents that it writes.
//
//	parallax run -> lines of JSON -> Documents -> those that a View wants
//
// A Sensor may be used by several goroutines at once. Nothing here waits for a fixed time: a View waits for what it is asked for,
// and every other document that came is kept for what is asked next.
package watch
