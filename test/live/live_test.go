//go:build live

package live

import "testing"

// TestLive drives containers under one sensor that sees everything it can.
func TestLive(t *testing.T) {
	s := newStation(t, newLab(t), "--failed-execs")
	for _, c := range []struct {
		name string
		test func(*testing.T, *station)
	}{
		{"start", testStart},
		{"exec", testExec},
		{"failed exec", testFailedExec},
		{"nsenter", testNsenter},
		{"nsenter by pidfd", testNsenterByPidfd},
		{"runtime at work", testRuntimeAtWork},
		{"fork", testFork},
		{"orphan", testOrphan},
		{"deep tree", testDeepTree},
		{"short-lived", testShortLived},
		{"host is silent", testHostIsSilent},
		{"long argv", testLongArgv},
		{"bytes in argv", testBytesInArgv},
		{"deep folder", testDeepFolder},
		{"memory", testMemory},
		{"deleted", testDeleted},
		{"layers", testLayers},
		{"volume", testVolume},
		{"mount", testMount},
		{"mount by the new calls", testNewMount},
		{"mount refused", testMountRefused},
		{"pivot", testPivot},
		{"ids", testIDs},
		{"ids refused", testIDsRefused},
		{"set-user-id program", testSetUserID},
		{"file capability", testFileCapability},
		{"no new privileges", testNoNewPrivileges},
		{"unshare", testUnshare},
		{"setns", testSetns},
		{"ptrace", testPtrace},
		{"flood", testFlood},
		{"fork bomb", testForkBomb},
		{"churn", testChurn},
		{"namespace numbers used again", testNumbersUsedAgain},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, s) })
	}
}
