package event

// Head says who sent a batch of matches, and which of its batches it is.
type Head struct {
	Node   string
	BootID string
	Epoch  uint64 // a random number for each start of the sensor
	Seq    uint64 // of the batch in its epoch, from 1
	// NewestNs is how far the sensor has read when the batch was made: all that it saw up to this event time is in this batch
	// or in one before. Wall clock UTC; 0 where it is not known.
	NewestNs int64
}
