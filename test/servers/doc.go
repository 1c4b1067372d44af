// Package servers holds the tests of whole processes with what they need around them: disks that fill up, a NATS cluster that loses
// servers, clocks that jump, operators who change files. They are built with the tag servers: `make test-servers`.
package servers
