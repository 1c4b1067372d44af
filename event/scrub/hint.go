package scrub

import "strings"

// hints is a set of kinds of credentials.
type hints uint16

// The kinds. patterns says which of them each pattern finds.
const (
	keyBlock hints = 1 << iota
	header         // authorization
	scheme         // bearer, basic
	named          // a name of a credential, then its value
	inURL
	mysqlFlag
	sshpassFlag
	redisFlag
	ldapFlag
	curlFlag
	webToken
	awsKey
	gitToken // and Slack's
	bootstrap
	random
	allHints hints = 1<<iota - 1
)

// mayHold says what patterns might find in s. It is conservative, and a hundred times as fast as the patterns: nearly all
// texts hold nothing.
func mayHold(s string) (found hints) {
	for i := range len(s) {
		c, next := s[i], byte(0)
		if i+1 < len(s) {
			next = s[i+1]
		}
		if isOpaque(c) && (i == 0 || !isOpaque(s[i-1])) && opaqueRun(s, i) {
			found |= random
		}
		if begins[c]>>(next&31)&1 != 0 {
			found |= hintAt(s, i)
		}
	}
	return found
}

// begins has, for the first byte of a mark that hintAt knows, a bit for each second byte: that of its last five bits, which
// are the same for small and capital letters.
var begins = beginnings("au", "ak", "as", "ba", "be", "cr", "cu", "ey", "gh", "gi", "gl", "ke", "ld", "ma", "my", "pa", "pw", "re", "se", "si",
	"ss", "to", "wg", "xo", "--", ":/", "\u017f", "\u212a")

func beginnings(marks ...string) (of [256]uint32) {
	for _, m := range marks {
		bit := uint32(1) << (m[1] & 31)
		of[m[0]] |= bit
		if 'a' <= m[0] && m[0] <= 'z' {
			of[m[0]-'a'+'A'] |= bit
		}
	}
	of['.'] = 1<<32 - 1 // any letter or digit may follow
	return of
}

// when is h where ok.
func when(ok bool, h hints) hints {
	if ok {
		return h
	}
	return 0
}

// hintAt says what patterns may find that has its mark at i.
func hintAt(s string, i int) hints {
	rest := s[i:]
	switch s[i] | 0x20 { // lower case, of letters
	case 'a':
		return when(credential(s, i, "authorization"), header) | when(hasFold(rest, "akia") || hasFold(rest, "asia"), awsKey)
	case 'b':
		return when(hasFold(rest, "bearer") && blankAt(s, i+6) || hasFold(rest, "basic") && blankAt(s, i+5), scheme)
	case 'c':
		return when(credential(s, i, "credential") || credential(s, i, "credentials"), named) | when(hasFold(rest, "curl"), curlFlag)
	case 'e':
		return when(hasFold(rest, "eyj"), webToken)
	case 'g':
		return when(hasFold(rest, "github_pat_") || hasFold(rest, "glpat-") || len(rest) > 3 && hasFold(rest, "gh") && rest[3] == '_', gitToken)
	case 'k':
		return when(credential(s, i, "key"), named)
	case 'l':
		return when(hasFold(rest, "ldap"), ldapFlag)
	case 'm':
		return when(hasFold(rest, "mysql") || hasFold(rest, "mariadb"), mysqlFlag)
	case 'p':
		return when(credential(s, i, "passwd") || credential(s, i, "password") || credential(s, i, "passphrase") || credential(s, i, "pwd"), named)
	case 'r':
		return when(hasFold(rest, "redis-cli"), redisFlag)
	case 's':
		return when(secret(s, i) || credential(s, i, "signature"), named) | when(hasFold(rest, "sshpass"), sshpassFlag)
	case 't':
		return when(credential(s, i, "token"), named)
	case 'w':
		return when(hasFold(rest, "wget"), curlFlag)
	case 'x':
		return when(hasFold(rest, "xox"), gitToken)
	}
	return otherHintAt(s, i)
}

// otherHintAt is hintAt for marks that are no letters.
func otherHintAt(s string, i int) hints {
	switch s[i] {
	case '-':
		return when(strings.HasPrefix(s[i:], "-----BEGIN"), keyBlock)
	case ':':
		return when(strings.HasPrefix(s[i:], "://") && strings.IndexByte(s[i:], '@') > 0, inURL)
	case '.':
		return when(run(s[:i], -1) >= 6 && run(s[i+1:], +1) >= 16, bootstrap)
	case 0xc5, 0xe2: // the letters that are s and k where case does not matter: U+017F, U+212A
		return when(strings.HasPrefix(s[i:], "\u017f") || strings.HasPrefix(s[i:], "\u212a"), allHints)
	}
	return 0
}

// credential says whether a word that names a credential is at i and is followed by what may be its value.
func credential(s string, i int, word string) bool {
	if !hasFold(s[i:], word) {
		return false
	}
	end := i + len(word)
	at := end
	if at < len(s) && (s[at] == '"' || s[at] == '\'') {
		at++
	}
	for blankAt(s, at) {
		at++
	}
	if at < len(s) && (s[at] == ':' || s[at] == '=') {
		return true
	}
	return end < len(s) && (blankAt(s, end) || s[end] == sep[0]) && flagAt(s, i)
}

// secret is credential for the word secret, which is mostly the name of one: it counts in flags and in some words.
func secret(s string, i int) bool {
	if !credential(s, i, "secret") {
		return false
	}
	before := s[:i]
	if i > 0 && (s[i-1] == '_' || s[i-1] == '-') {
		before = s[:i-1]
	}
	for _, word := range []string{"client", "shared", "app", "webhook"} {
		if len(before) >= len(word) && hasFold(before[len(before)-len(word):], word) {
			return true
		}
	}
	return flagAt(s, i) || strings.Contains(before, "\u017f") || strings.Contains(before, "\u212a")
}

// flagAt says whether the word that the byte at i is in begins with a dash.
func flagAt(s string, i int) bool {
	for i > 0 && (isOpaque(s[i-1]) && s[i-1] != '+' && s[i-1] != '/') {
		i--
	}
	return s[i] == '-'
}

// opaqueRun says whether the long word at i may look like a key.
func opaqueRun(s string, i int) bool {
	end := i
	for end < len(s) && isOpaque(s[end]) {
		end++
	}
	word := s[i:end]
	if len(word) < 32 || digest(s[:i]) {
		return false
	}
	sh := shapeOf(word)
	return sh.random() || sh.padded().random()
}

// digest says whether s ends with the name of a digest's algorithm: "sha256:".
func digest(s string) bool {
	name, ok := strings.CutSuffix(s, ":")
	from := len(name)
	for from > 0 && isOpaque(name[from-1]) && len(name)-from < 32 {
		from--
	}
	word := name[from:]
	digits := strings.TrimRight(word, "0123456789")
	return ok && len(word) < 32 && len(digits) < len(word) && strings.HasSuffix(digits, "sha")
}

// isOpaque says whether c may be in what the pattern opaque finds.
func isOpaque(c byte) bool { return opaqueBytes[c] }

var opaqueBytes = func() (is [256]bool) {
	for _, c := range []byte("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/_-") {
		is[c] = true
	}
	return is
}()

// run counts the small letters and digits at the beginning of s, or with step -1 at its end; sixteen are enough.
func run(s string, step int) int {
	i := 0
	if step < 0 {
		i = len(s) - 1
	}
	n := 0
	for ; n < 16 && i >= 0 && i < len(s) && ('a' <= s[i] && s[i] <= 'z' || '0' <= s[i] && s[i] <= '9'); i += step {
		n++
	}
	return n
}

func blankAt(s string, i int) bool {
	return i < len(s) && (s[i] == ' ' || s[i] == '\t' || s[i] == '\n' || s[i] == '\r' || s[i] == '\f')
}

// hasFold says whether s begins with word, which is in lower case, whatever the case of s.
func hasFold(s, word string) bool {
	if len(s) < len(word) {
		return false
	}
	for i := range len(word) {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		if c != word[i] {
			return false
		}
	}
	return true
}
