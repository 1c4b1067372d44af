package bus

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/parallax-sec/parallax/event"
)

// childDir is set for a process that a test starts to kill it: it publishes to the folder until then.
const childDir = "PARALLAX_TEST_BUS_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := publishUntilKilled(dir, os.Getenv("PARALLAX_TEST_BUS_ROUND")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	if conf := os.Getenv(natsConf); conf != "" {
		if err := serveNATS(conf); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// natsConf is set for a process that is a server of a NATS cluster: the file of its configuration.
const natsConf = "PARALLAX_TEST_BUS_NATS"

func serveNATS(conf string) error {
	opts, err := server.ProcessConfigFile(conf)
	if err != nil {
		return err
	}
	s, err := server.NewServer(opts)
	if err != nil {
		return err
	}
	s.Start()
	s.WaitForShutdown()
	return nil
}

// publishUntilKilled publishes bodies of four kinds at once, and writes a line for each that is stored: its number and its place.
func publishUntilKilled(dir, round string) error {
	cfg := DefaultConfig()
	cfg.Dir, cfg.Log = dir, slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	b, err := Open(context.Background(), cfg)
	if err != nil {
		return err
	}
	failed := make(chan error)
	for w := range 4 {
		go func() {
			for i := 0; ; i++ {
				name := fmt.Sprintf("%s-%d-%d", round, w, i)
				seq, err := b.Publish(context.Background(), Message{Kind: event.BatchAudit, Source: []string{"c", "a"}, Data: killBody(name, w, i), Dedupe: true})
				if err != nil {
					failed <- err
					return
				}
				fmt.Println(name, seq) // one write
			}
		}()
	}
	go func() {
		for i := 0; ; i++ {
			id := fmt.Sprintf("%s-alert-%d", round, i)
			alerts := testAlerts(0, 1+i%9)
			for n, a := range alerts {
				a.ID = fmt.Sprintf("%s-%d", id, n)
			}
			if err := b.PutAlerts(context.Background(), alerts); err != nil {
				failed <- err
				return
			}
			for _, a := range alerts {
				fmt.Println(a.ID, 0)
			}
		}
	}()
	return <-failed
}

// killBody is a body that tells its name. Some need several messages.
func killBody(name string, w, i int) []byte {
	body := append([]byte(name), ' ')
	if w == 0 && i%8 == 7 {
		return append(body, noise(9<<20)...)
	}
	return append(body, noise(i%5*1000)...)
}
