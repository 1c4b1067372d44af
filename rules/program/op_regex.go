package program

import (
	"fmt"
	"regexp"
	"regexp/syntax"
)

// expression is a regular expression in POSIX syntax that must match the whole text. As in RE2's posix_syntax, which Falco
// uses, [^a] matches a line feed, "." does not, and ^ and $ stand for the ends of lines. Matching takes linear time.
type expression struct{ re *regexp.Regexp }

func newRegex(pattern string) (expression, error) {
	parsed, err := syntax.Parse(pattern, syntax.ClassNL)
	if err != nil {
		return expression{}, fmt.Errorf("regular expression: %w", err)
	}
	re, err := regexp.Compile(`\A(?:` + parsed.String() + `)\z`)
	if err != nil {
		return expression{}, fmt.Errorf("regular expression: %w", err)
	}
	return expression{re}, nil
}

func (m expression) matchText(s string) bool { return m.re.MatchString(s) }
