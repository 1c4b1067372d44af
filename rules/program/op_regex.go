package program

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"unicode/utf8"
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

// requiredLiteral is a text that is part of every text that pattern matches, "" where none is found. pattern is valid.
func requiredLiteral(pattern string) string {
	parsed, err := syntax.Parse(pattern, syntax.ClassNL)
	if err != nil {
		return ""
	}
	return literalIn(parsed.Simplify())
}

func literalIn(re *syntax.Regexp) string {
	switch re.Op {
	case syntax.OpLiteral:
		// U+FFFD in a pattern matches every byte that is not UTF-8.
		if re.Flags&syntax.FoldCase == 0 && !slices.Contains(re.Rune, utf8.RuneError) {
			return string(re.Rune)
		}
	case syntax.OpCapture, syntax.OpPlus:
		return literalIn(re.Sub[0])
	case syntax.OpConcat:
		longest := ""
		for _, sub := range re.Sub {
			if s := literalIn(sub); len(s) > len(longest) {
				longest = s
			}
		}
		return longest
	}
	return ""
}
