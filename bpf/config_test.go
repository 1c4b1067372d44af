package bpf

import "testing"

func TestConfigValidate(t *testing.T) {
	f := func(rare, bulk uint32, ok bool) {
		t.Helper()
		c := DefaultConfig()
		c.RareBytes, c.BulkBytes = rare, bulk
		if err := c.Validate(); (err == nil) != ok {
			t.Errorf("%d, %d: %v", rare, bulk, err)
		}
	}
	f(DefaultConfig().RareBytes, DefaultConfig().BulkBytes, true)
	f(64<<10, 1<<30, true)
	f(0, 1<<20, false)
	f(1<<20, 0, false)
	f(4096, 1<<20, false)
	f(1<<20, 3<<20, false)
	f(1<<31, 1<<20, false)
}
