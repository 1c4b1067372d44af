package kubeauth

// Stats counts what became of tokens since the start.
type Stats struct {
	Accepted, Refused uint64 // by the API server's answer, or by their form
	Cached            uint64 // answered without asking
	Unavailable       uint64 // neither: the API server could not be asked
}

// Stats returns the counts.
func (a *Authenticator) Stats() Stats {
	return Stats{
		Accepted: a.stats.accepted.Load(), Refused: a.stats.refused.Load(),
		Cached: a.stats.cached.Load(), Unavailable: a.stats.unavailable.Load(),
	}
}
