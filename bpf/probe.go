package bpf

// Probe loads and attaches everything and detaches it again, beside a sensor that may be running, and returns what this kernel allows,
// hook by hook. Where nothing can be loaded it returns every hook as missing, and why, as Load would.
func Probe() ([]Hook, error) {
	release, err := KernelRelease()
	if err != nil {
		return allMissing(err), err
	}
	if err := require(release); err != nil {
		return allMissing(err), err
	}
	cfg := DefaultConfig()
	cfg.FailedExecs = true
	cfg.RareBytes, cfg.BulkBytes = minRingBytes, minRingBytes
	s, err := open(cfg, release)
	if err != nil {
		return allMissing(err), err
	}
	return s.Hooks(), s.Close()
}
