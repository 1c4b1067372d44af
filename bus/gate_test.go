package bus

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

// What cannot be stored of one node is refused to that node; others in the same go are told that theirs is stored, and it is.
func TestOnesErrorIsNotAnothers(t *testing.T) {
	h := openHub(t, nil)
	for name, size := range map[string]int{"no room for headers": int(h.nc.MaxPayload()) - 100, "the stream does not take it": 600_000} {
		t.Run(name, func(t *testing.T) {
			limitMessages(t, h, 500_000)
			evil, good := h.agent(t, "evil"), h.agent(t, "good")
			answers, err := good.nc.SubscribeSync("_INBOX_good.x.>")
			if err != nil {
				t.Fatal(err)
			}
			told, err := evil.nc.SubscribeSync("_INBOX_evil.x")
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range []*Agent{evil, good} {
				if err := a.nc.Flush(); err != nil {
					t.Fatal(err)
				}
			}
			const honest = 2 * fewMessages
			var msgs []*nats.Msg
			for i := range honest {
				msgs = append(msgs, &nats.Msg{Subject: gatePrefix + "plx.rt.good", Data: fmt.Append(nil, i), Reply: fmt.Sprint("_INBOX_good.x.", i)})
			}
			msgs = append(msgs[:3], append([]*nats.Msg{{Subject: gatePrefix + "plx.rt.evil", Data: noise(size), Reply: "_INBOX_evil.x"}}, msgs[3:]...)...)
			for _, m := range msgs {
				m.Sub = h.gate.sub
			}
			before := streamOf(t, h.Bus, streamEvents).LastSeq
			h.gate.store(t.Context(), msgs)
			for range honest {
				if a := answerOf(t, answers); a.Answer != answerStored {
					t.Errorf("the honest node is told %+v", a)
				}
			}
			if a := answerOf(t, told); a.Answer != answerTooLarge {
				t.Errorf("the other is told %+v", a)
			}
			if n := streamOf(t, h.Bus, streamEvents).LastSeq - before; n < honest || n > 2*honest {
				t.Errorf("%d messages are stored", n)
			}
		})
	}
}

func limitMessages(t *testing.T, h *hub, size int32) {
	t.Helper()
	s, err := h.js.Stream(t.Context(), streamEvents)
	if err != nil {
		t.Fatal(err)
	}
	cfg := s.CachedInfo().Config
	cfg.MaxMsgSize = size
	if _, err := h.js.UpdateStream(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
}

func answerOf(t *testing.T, sub *nats.Subscription) (a gateAnswer) {
	t.Helper()
	m, err := sub.NextMsg(5 * time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(m.Data, &a); err != nil {
		t.Fatal(err)
	}
	return a
}
