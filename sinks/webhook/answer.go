package webhook

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/sinks"
)

const (
	// maxAnswerBytes bounds what is read of an answer, maxReasonBytes what an error tells of it.
	maxAnswerBytes = 64 << 10
	maxReasonBytes = 256
)

// judge reads an answer and says what it means.
func (r *request) judge(a *http.Response, now time.Time) error {
	defer a.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(a.Body, maxAnswerBytes))
	if a.StatusCode/100 == 2 {
		return nil
	}
	err := fmt.Errorf("post to %s: %d %s%s", r.where(), a.StatusCode, http.StatusText(a.StatusCode), r.reason(a, body))
	switch {
	case a.StatusCode == http.StatusRequestEntityTooLarge:
		return &sinks.Refused{Err: err, TooLarge: true}
	case a.StatusCode/100 == 4 && !mendable(a.StatusCode):
		return &sinks.Refused{Err: err}
	}
	if d := retryAfter(a.Header.Get("Retry-After"), now); d > 0 {
		return &sinks.Later{Err: err, After: d}
	}
	return err
}

// mendable says whether a status of 4xx is about who asks, where or when, and not about what is posted: people mend that, and no
// alert is to be lost until they have.
func mendable(status int) bool {
	switch status {
	case http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed,
		http.StatusProxyAuthRequired, http.StatusRequestTimeout, http.StatusConflict, http.StatusGone, http.StatusMisdirectedRequest,
		http.StatusLocked, http.StatusFailedDependency, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	}
	return false
}

// reason is what the server says, safe to show.
func (r *request) reason(a *http.Response, body []byte) string {
	if a.StatusCode/100 == 3 {
		return ", a redirect: they are not followed"
	}
	text := strings.Join(strings.Fields(r.masked(string(body))), " ")
	if text == "" {
		return ""
	}
	return ": " + event.Escape(event.Clip(text, maxReasonBytes))
}

// retryAfter reads the header of that name: seconds, or a time (RFC 9110, 10.2.3).
func retryAfter(s string, now time.Time) time.Duration {
	if s == "" {
		return 0
	}
	if n, err := strconv.ParseUint(s, 10, 31); err == nil {
		return time.Duration(n) * time.Second
	}
	if t, err := http.ParseTime(s); err == nil {
		return max(0, t.Sub(now))
	}
	return 0
}
