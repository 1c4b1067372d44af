package scrub

import (
	"regexp"
	"slices"
	"strings"
)

// masked stands in place of what was blanked out.
const masked = "***"

// sep stands between the arguments of a command line while it is scrubbed as one text.
const sep = "\x1f"

// Parts of patterns. A value ends where a shell, a query or an argument would end it.
const (
	gap   = `[\s` + sep + `]`
	value = `(?:"[^"` + sep + `]*"|'[^'` + sep + `]*'|[^\s"'&;,|<>()` + sep + `]+)`
	// secretWord is how names of credentials end. "secret" alone does not count: it is mostly the name of one.
	secretWord = `(?:passw(?:or)?d|passphrase|[_-]pwd|token|(?:client|shared|app|webhook)[_-]?secret|api[_-]?key|access[_-]?key|secret[_-]?key|` +
		`private[_-]?key|account[_-]?key|credentials?|signature)`
)

// pattern finds credentials: what its groups 1 and 2 match stays, what stands between them is masked.
type pattern struct {
	finds hints // it finds nothing where none of these might be
	*regexp.Regexp
}

var patterns = []pattern{
	{keyBlock, regexp.MustCompile(`()-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----(?s:.*?)(?:-----END [A-Z0-9 ]*-----|\z)`)},
	// Headers, with or without their name.
	{header, regexp.MustCompile(`(?i)(\bauthorization["']?\s*[:=]\s*["']?(?:(?:bearer|basic|digest|token|negotiate)\s+)?)` + value)},
	{scheme, regexp.MustCompile(`(?i)(\b(?:bearer|basic)\s+)[a-z0-9._~+/-]{8,}=*`)},
	// PGPASSWORD=x, "token": "x", X-Api-Key: x, --password=x, --token x.
	{named, regexp.MustCompile(`(?i)(` + secretWord + `["']?\s*[:=]\s*)` + value)},
	{named, regexp.MustCompile(`(?i)((?:\A|[\s"'` + sep + `])--?[\w-]*(?:` + secretWord + `|secret)(?:=|` + gap + `+))` + value)},
	// https://user:x@host
	{inURL, regexp.MustCompile(`(?i)(\b[a-z][a-z0-9+.-]*://[^\s/:@"'` + sep + `]*:)[^\s/@"'` + sep + `]+(@)`)},
	// Flags that are passwords with some programs only.
	{mysqlFlag, regexp.MustCompile(`(\b(?:mysql|mariadb)[\w-]*\b[^|;&]*?` + gap + `-p)[^\s"';&|` + sep + `]+`)},
	{sshpassFlag, regexp.MustCompile(`(\bsshpass` + gap + `+-p` + gap + `*)` + value)},
	{redisFlag, regexp.MustCompile(`(\bredis-cli\b[^|;&]*?` + gap + `-a` + gap + `+)` + value)},
	{ldapFlag, regexp.MustCompile(`(\b(?:ldapsearch|ldapmodify|ldapadd|ldapdelete|ldappasswd)\b[^|;&]*?` + gap + `-w` + gap + `*)` + value)},
	{curlFlag, regexp.MustCompile(`(\b(?:curl|wget)\b[^|;&]*?` + gap + `(?:-u|--user)` + gap + `*["']?[^\s:"'` + sep + `]*:)[^\s"'` + sep + `]+`)},
	// Tokens with a shape of their own: JWT, AWS, GitHub, GitLab, Slack, Kubernetes bootstrap token.
	{webToken, regexp.MustCompile(`()\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?`)},
	{awsKey, regexp.MustCompile(`()\b(?:AKIA|ASIA)[A-Z0-9]{16}\b`)},
	{gitToken, regexp.MustCompile(`()\b(?:gh[pousr]_\w{30,}|github_pat_\w{30,}|glpat-[\w-]{20,}|xox[abprs]-[\w-]{10,})`)},
	{bootstrap, regexp.MustCompile(`()\b[a-z0-9]{6}\.[a-z0-9]{16}\b`)},
}

// opaque finds what may be a key or token without a shape of its own; looksRandom decides.
var opaque = regexp.MustCompile(`(?:sha\d+:)?[A-Za-z0-9+/_-]{32,}={0,2}`)

// plainValues are what a pattern may take for a credential and is none.
var plainValues = []string{"true", "false", "null", masked}

// Text scrubs free text.
func Text(s string) string {
	if found := mayHold(s); found != 0 {
		return maskAll(s, found)
	}
	return s
}

// maskAll masks what the patterns for found find.
func maskAll(s string, found hints) string {
	for _, p := range patterns {
		if p.finds&found != 0 {
			s = mask(s, p.Regexp)
		}
	}
	if found&random == 0 {
		return s
	}
	return opaque.ReplaceAllStringFunc(s, func(t string) string {
		if looksRandom(t) {
			return masked
		}
		return t
	})
}

// mask blanks out what p finds behind its group 1 and before its group 2, if it has one.
func mask(s string, p *regexp.Regexp) string {
	var b strings.Builder
	done := 0
	for _, m := range p.FindAllStringSubmatchIndex(s, -1) {
		from, to := m[3], m[1]
		if len(m) > 4 {
			to = m[4]
		}
		if from, to = unquoted(s, from, to); isSecret(s[from:to]) {
			b.WriteString(s[done:from])
			b.WriteString(masked)
			done = to
		}
	}
	if done == 0 {
		return s
	}
	b.WriteString(s[done:])
	return b.String()
}

// unquoted is the span without the quotes around it.
func unquoted(s string, from, to int) (int, int) {
	if to-from >= 2 && (s[from] == '"' || s[from] == '\'') && s[to-1] == s[from] {
		return from + 1, to - 1
	}
	return from, to
}

// isSecret says whether a value stands for itself: shell variables and flags that follow do not.
func isSecret(v string) bool {
	if strings.HasPrefix(v, "-----BEGIN") {
		return true
	}
	v = strings.TrimRight(v, "}]")
	return v != "" && v[0] != '$' && v[0] != '-' && !slices.Contains(plainValues, v)
}

// Argv scrubs a command line. It returns argv itself where there is nothing to mask.
func Argv(argv []string) []string {
	if !argvMayHold(argv) {
		return argv
	}
	return searchArgv(argv)
}

func searchArgv(argv []string) []string {
	joined := strings.Join(argv, sep)
	if strings.Count(joined, sep) == len(argv)-1 {
		if out := strings.Split(Text(maskFollowing(joined)), sep); len(out) == len(argv) {
			return out
		}
	}
	out := make([]string, len(argv))
	for i, a := range argv {
		out[i] = Text(a)
	}
	return out
}

// following finds the argument behind a flag that takes a credential: all of it, blanks and quotes included.
var following = regexp.MustCompile(`(?i)((?:\A|` + sep + `)--?[\w-]*(?:` + secretWord + `|secret)` + sep + `)[^` + sep + `]+`)

func maskFollowing(joined string) string { return mask(joined, following) }
