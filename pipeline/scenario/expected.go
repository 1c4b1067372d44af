package scenario

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/parallax-sec/parallax/event"
)

// Expected is one line of the alerts section.
type Expected struct {
	Line     int // in the scenario file
	Rule     string
	User     string // "-" for none
	Severity int
	Fields   []FieldValue
}

// FieldValue is a field of an alert's document by its dotted name, and the value it must have or, where it is a list, hold.
type FieldValue struct{ Name, Value string }

// String writes the line as a scenario holds it.
func (x Expected) String() string {
	words := []string{quote(x.Rule), quote(x.User), event.SeverityName(x.Severity)}
	for _, f := range x.Fields {
		words = append(words, f.Name+"="+quote(f.Value))
	}
	return strings.Join(words, " ")
}

func (s *Scenario) parseAlerts(f File) (faults []error) {
	none := 0
	for i, text := range strings.Split(string(f.Data), "\n") {
		text = strings.TrimSpace(text)
		fault := func(format string, args ...any) {
			faults = append(faults, &SyntaxError{s.Name, f.Line + i, fmt.Sprintf(format, args...)})
		}
		words, err := splitWords(text)
		switch {
		case text == "" || text[0] == '#':
		case err != nil:
			fault("%v", err)
		case text == "none":
			none = f.Line + i
		case words[0] == "only:":
			s.Only = append(s.Only, words[1:]...)
		default:
			x, err := parseExpected(words)
			if err != nil {
				fault("%v", err)
				continue
			}
			x.Line = f.Line + i
			s.Want = append(s.Want, x)
		}
	}
	switch {
	case none > 0 && len(s.Want) > 0:
		faults = append(faults, &SyntaxError{s.Name, none, `the word none stands beside alerts`})
	case none == 0 && len(s.Want) == 0 && len(faults) == 0:
		faults = append(faults, &SyntaxError{s.Name, f.Line, `no alerts: write the word none if nothing may come out`})
	}
	return faults
}

func parseExpected(words []string) (Expected, error) {
	if len(words) < 3 {
		return Expected{}, fmt.Errorf("an alert is: rule, user, severity, field=value ...; found %d words", len(words))
	}
	severities := []string{"low", "medium", "high", "critical"}
	if !slices.Contains(severities, words[2]) {
		return Expected{}, fmt.Errorf("no such severity: %s (want %s)", words[2], strings.Join(severities, ", "))
	}
	severity, _ := event.ParseSeverity(words[2])
	x := Expected{Rule: words[0], User: words[1], Severity: severity}
	for _, w := range words[3:] {
		name, value, ok := strings.Cut(w, "=")
		if !ok || name == "" {
			return Expected{}, fmt.Errorf("want field=value, found %s", w)
		}
		if !knownField(name) {
			return Expected{}, fmt.Errorf("alerts have no field %s", name)
		}
		x.Fields = append(x.Fields, FieldValue{name, value})
	}
	return x, nil
}

func knownField(name string) bool {
	return slices.ContainsFunc(event.DocFields(), func(f event.DocField) bool { return f.Name == name })
}

// splitWords splits a line at blanks. A word, or its part after =, may be quoted as in Go.
func splitWords(line string) ([]string, error) {
	var words []string
	for rest := strings.TrimSpace(line); rest != ""; rest = strings.TrimSpace(rest) {
		end := strings.IndexAny(rest, " \t\"")
		if end < 0 {
			return append(words, rest), nil
		}
		word := rest[:end]
		if rest[end] == '"' {
			quoted, err := strconv.QuotedPrefix(rest[end:])
			if err != nil {
				return nil, fmt.Errorf("quotes are not closed: %s", rest)
			}
			text, _ := strconv.Unquote(quoted)
			word += text
			end += len(quoted)
		}
		words, rest = append(words, word), rest[end:]
	}
	return words, nil
}

// quote writes a word so that splitWords reads it back.
func quote(s string) string {
	if s == "" || s[0] == '#' || strings.ContainsAny(s, " \t\"\n\r") || strconv.Quote(s) != `"`+s+`"` {
		return strconv.Quote(s)
	}
	return s
}
