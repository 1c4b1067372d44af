package webhook

import "strings"

// forChat writes out what chats (Slack, Teams, Discord, Mattermost) make something of: mentions, links, pictures, formatting. text
// is escaped already, and what is written out here has the same form, \xNN, so that it can still be read.
//
//	<!channel>  @here  [text](link)  https://  www.  `code`  *bold*  _italic_  ~struck~  ||hidden||  # heading  > quote
func forChat(text string) string {
	var out strings.Builder
	from := 0
	for i := range len(text) {
		if !activeInChat(text, i) {
			continue
		}
		out.WriteString(text[from:i])
		out.WriteString(`\x`)
		out.WriteByte("0123456789abcdef"[text[i]>>4])
		out.WriteByte("0123456789abcdef"[text[i]&15])
		from = i + 1
	}
	if from == 0 {
		return text
	}
	out.WriteString(text[from:])
	return out.String()
}

// activeInChat says whether the byte at i of text does something in a chat.
func activeInChat(text string, i int) bool {
	switch text[i] {
	case '<', '`', '*':
		return true
	case '@':
		return !wordAt(text, i-1) // an address, alice@example.com, mentions nobody
	case '_', '~':
		return !wordAt(text, i-1) || !wordAt(text, i+1)
	case ']':
		return byteAt(text, i+1) == '(' || byteAt(text, i+1) == '['
	case ':':
		return strings.HasPrefix(text[i:], "://")
	case '.':
		return i >= 3 && strings.EqualFold(text[i-3:i], "www")
	case '|':
		return byteAt(text, i-1) == '|'
	case '#', '>', '-', '+':
		return i == 0
	}
	return false
}

// byteAt is the byte at i, a blank outside of text.
func byteAt(text string, i int) byte {
	if i < 0 || i >= len(text) {
		return ' '
	}
	return text[i]
}

// wordAt says whether a letter or digit is at i.
func wordAt(text string, i int) bool {
	c := byteAt(text, i)
	return '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || c >= 0x80
}
