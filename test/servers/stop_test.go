//go:build servers

package servers

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parallax-sec/parallax/test/rig"
)

// A program that is told to stop under load ends well within its time (10 s by default), and nothing that it took is lost: what it
// could not give out in time comes after the next start.
func TestStopUnderLoad(t *testing.T) {
	s := rig.NewStation(t, keep)
	sender := s.Sender(t)
	log := recent(0, 12_000)
	parts := bodies(log, 50)
	var next atomic.Int64
	for round := range 4 {
		p := s.Start(t).MustBeReady(t)
		upTo := int64(len(parts) * (round + 1) / 4)
		ctx, cancel := context.WithCancel(t.Context())
		sent := make(chan struct{})
		go func() {
			defer close(sent)
			sendUntil(ctx, t, sender, parts, &next, upTo)
		}()
		until(t, 20*time.Second, "half of it is taken", func() bool { return next.Load() > upTo-int64(len(parts)/8) })
		began := time.Now()
		p.MustStop(t)
		if took := time.Since(began); took > 12*time.Second {
			t.Errorf("stopped after %v", took)
		} else {
			t.Logf("stopped after %v", took.Round(time.Millisecond))
		}
		cancel()
		<-sent
	}
	s.Start(t).MustBeReady(t).MustStop(t)
	s.Check(t, log[:next.Load()*50])
}

// sendUntil sends bodies one after the other until ctx ends or a number of them is taken. next is how many are.
func sendUntil(ctx context.Context, t *testing.T, s *rig.Sender, parts [][]byte, next *atomic.Int64, upTo int64) {
	for next.Load() < upTo && ctx.Err() == nil {
		switch status, err := s.Post(t.Context(), parts[next.Load()]); {
		case err == nil && status == http.StatusOK:
			next.Add(1)
		case err == nil && status != http.StatusServiceUnavailable:
			t.Errorf("status %d", status)
			return
		default:
			time.Sleep(5 * time.Millisecond)
		}
	}
}
