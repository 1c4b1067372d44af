package main

import (
	"fmt"

	"github.com/parallax-sec/parallax/bus"
	"github.com/parallax-sec/parallax/config"
	"github.com/parallax-sec/parallax/tlsfiles"
)

// busAuth is how a command proves to a cluster who it is.
func busAuth(b *config.Bus) (bus.Auth, error) {
	a := bus.Auth{CredsFile: b.CredsFile, NKeyFile: b.NKeyFile, TokenFile: b.TokenFile}
	if b.CA == "" && b.Cert == "" {
		return a, nil
	}
	files, err := tlsfiles.Client(b.CA, b.Cert, b.Key)
	if err != nil {
		return a, fmt.Errorf("the certificates for the bus: %w", err)
	}
	a.TLS = files.Config
	return a, nil
}
