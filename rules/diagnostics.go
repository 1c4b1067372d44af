package rules

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/parallax-sec/parallax/event"
)

// Diagnostic is one thing that is wrong, or looks wrong, in rule files.
type Diagnostic struct {
	Warning bool   // the files load nevertheless
	File    string // as it was named to Load
	Line    int    // from 1; 0 where the file as a whole is meant
	Column  int    // from 1, in characters
	Item    string // what it is in: rule "Shell in a pod"
	Message string
	Hint    string // how it could be mended; may be empty
	Note    string // how the text came to where it is used, where that is another place; may be empty
	Text    string // the line as it stands in the file

	fileIndex int
	unknown   bool // about a name that skip-if-unknown-filter forgives
}

// Error is the diagnostic on one line, without the line of the file.
func (d Diagnostic) Error() string {
	var b strings.Builder
	b.WriteString(event.Escape(d.File))
	if d.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", d.Line, d.Column)
	}
	kind := "error"
	if d.Warning {
		kind = "warning"
	}
	b.WriteString(": " + kind + ": ")
	if d.Item != "" {
		b.WriteString(event.Escape(d.Item) + ": ")
	}
	b.WriteString(event.Escape(d.Message))
	if d.Hint != "" {
		b.WriteString("; " + event.Escape(d.Hint))
	}
	if d.Note != "" {
		b.WriteString(" (" + event.Escape(d.Note) + ")")
	}
	return b.String()
}

// maxShown is how many characters of a line are shown around the caret.
const maxShown = 160

// String is Error, and below it the line with a caret. All of it is safe to print on a terminal.
func (d Diagnostic) String() string {
	if d.Line == 0 {
		return d.Error() + "\n"
	}
	before, after := splitAt(d.Text, d.Column-1)
	left, right := "", ""
	if n := utf8.RuneCountInString(before); n > maxShown/2 {
		_, before = splitAt(before, n-maxShown/2)
		left = "..."
	}
	if utf8.RuneCountInString(after) > maxShown/2 {
		after, _ = splitAt(after, maxShown/2)
		right = "..."
	}
	before = left + event.Escape(before)
	number := fmt.Sprintf("%5d", d.Line)
	return fmt.Sprintf("%s\n%s | %s%s%s\n%s | %s^\n", d.Error(), number, before, event.Escape(after), right,
		strings.Repeat(" ", len(number)), strings.Repeat(" ", utf8.RuneCountInString(before)))
}

// splitAt splits s after n characters.
func splitAt(s string, n int) (before, after string) {
	i := 0
	for ; n > 0 && i < len(s); n-- {
		_, size := utf8.DecodeRuneInString(s[i:])
		i += size
	}
	return s[:i], s[i:]
}

// Diagnostics are all that was found, in the order of files and lines. It is an error where one of them is.
type Diagnostics []Diagnostic

// HasErrors says whether one of them is more than a warning.
func (ds Diagnostics) HasErrors() bool {
	for _, d := range ds {
		if !d.Warning {
			return true
		}
	}
	return false
}

// Error is the first error, and how many more there are.
func (ds Diagnostics) Error() string {
	first, more := "", 0
	for _, d := range ds {
		switch {
		case d.Warning:
		case first == "":
			first = d.Error()
		default:
			more++
		}
	}
	if more > 0 {
		return fmt.Sprintf("%s (and %d more)", first, more)
	}
	return first
}

// Print writes each with its line and a caret.
func (ds Diagnostics) Print(w io.Writer) error {
	for _, d := range ds {
		if _, err := io.WriteString(w, d.String()); err != nil {
			return err
		}
	}
	return nil
}
