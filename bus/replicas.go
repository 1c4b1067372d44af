package bus

// replicas returns how many copies of each message are kept: what Config says, or three in a cluster.
func (b *Bus) replicas() int {
	switch {
	case b.server != nil:
		return 1
	case b.cfg.Replicas > 0:
		return b.cfg.Replicas
	case b.nc.ConnectedClusterName() != "":
		return 3
	}
	return 1
}
