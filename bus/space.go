package bus

// room says whether the disk of the server inside this process has room for more.
func (b *Bus) room() error { return nil }
