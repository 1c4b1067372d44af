package logfile

// Config holds the limits of a Reader. The zero value of a field means its default.
type Config struct {
	// ChunkBytes is how much is read at once, and the size of an ordinary batch. Default 256 KiB, which stays in a core's cache
	// from reading to decoding.
	ChunkBytes int
	// MaxLineBytes is the longest line, without its newline, and the longest JSON value that is accepted. Default 16 MiB.
	MaxLineBytes int
	// MaxOpen is how many files are open at the same time. More files than that which overlap in event time are not
	// merged well. Default 16.
	MaxOpen int
	// MaxWindowBytes is how much memory a zstd stream may ask for. Default 64 MiB, which is what zstd's level 21 uses.
	MaxWindowBytes int64
	// MaxRatio is how many bytes one compressed byte may become, once RatioFromBytes have been decompressed. Default 10,000:
	// real logs reach 10 to 100, gzip cannot pass 1,032, zstd's run-length blocks reach 32,768.
	MaxRatio int64
	// RatioFromBytes is where MaxRatio begins to be asked. Default 1 GiB: what a small bomb costs is bearable.
	RatioFromBytes int64
	// Leave says of the first bytes of a file, which are 16 where it has as many, that another reader is for it: Reader.Left tells which
	// files those are. Without it none are.
	Leave func(head []byte) bool
}

// DefaultConfig returns the limits that replay uses.
func DefaultConfig() Config {
	return Config{
		ChunkBytes:     256 << 10,
		MaxLineBytes:   16 << 20,
		MaxOpen:        16,
		MaxWindowBytes: 64 << 20,
		MaxRatio:       10_000,
		RatioFromBytes: 1 << 30,
	}
}

func (c Config) withDefaults() Config {
	d := DefaultConfig()
	orDefault(&c.ChunkBytes, d.ChunkBytes)
	orDefault(&c.MaxLineBytes, d.MaxLineBytes)
	orDefault(&c.MaxOpen, d.MaxOpen)
	orDefault(&c.MaxWindowBytes, d.MaxWindowBytes)
	orDefault(&c.MaxRatio, d.MaxRatio)
	orDefault(&c.RatioFromBytes, d.RatioFromBytes)
	return c
}

func orDefault[T int | int64](v *T, d T) {
	if *v <= 0 {
		*v = d
	}
}
