// Package clock holds the test that sets the clock of the machine it runs on: hours and a century ahead, and back. It is built with the tag
// live, and runs in a virtual machine only: `make test-clock`.
package clock
