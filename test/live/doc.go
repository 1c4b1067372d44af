// Package live holds the tests that drive real containers and watch what the program under test says of them. They need root, and are
// built with the tag live: "make test-live" runs them on this machine, "make test-kernels" in virtual machines with other kernels.
//
//	container (runc, crun) -> act -> kernel -> parallax run --events -> documents -> what the test wants
//
// The test binary is also the program that runs inside the containers (package act), so that the same two files run everywhere.
package live
