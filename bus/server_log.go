package bus

import (
	"fmt"
	"log/slog"
)

// serverLog passes on what the server inside this process has to tell: warnings and errors as they are, all else as debugging.
// It implements nats-server's Logger.
type serverLog struct {
	log   *slog.Logger
	fatal chan error // gets the first error that the server cannot start with
}

func (l *serverLog) Noticef(format string, v ...any) {
	l.log.Debug("nats: " + fmt.Sprintf(format, v...))
}

func (l *serverLog) Warnf(format string, v ...any) { l.log.Warn("nats: " + fmt.Sprintf(format, v...)) }

func (l *serverLog) Errorf(format string, v ...any) {
	l.log.Error("nats: " + fmt.Sprintf(format, v...))
}

// Fatalf keeps what the server cannot start with: ending the process is not for it to decide.
func (l *serverLog) Fatalf(format string, v ...any) {
	select {
	case l.fatal <- fmt.Errorf(format, v...):
	default:
		l.Errorf(format, v...)
	}
}

// Debugf and Tracef are never asked for.
func (l *serverLog) Debugf(string, ...any) {}

// Tracef does nothing.
func (l *serverLog) Tracef(string, ...any) {}
