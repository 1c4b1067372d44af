package bus

import (
	"encoding/json"
	"fmt"

	"github.com/parallax-sec/parallax/event"
)

func encodeAlert(a *event.Alert) ([]byte, error) {
	b, err := json.Marshal(a)
	if err != nil {
		return nil, fmt.Errorf("encode an alert: %w", err)
	}
	return b, nil
}

func parseAlert(b []byte) (*event.Alert, error) {
	a := new(event.Alert)
	if err := json.Unmarshal(b, a); err != nil {
		return nil, fmt.Errorf("decode an alert: %w", err)
	}
	return a, nil
}
