package kernel

import (
	"encoding/binary"
	"strconv"
	"strings"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/event/scrub"
)

// entityIDKind is the first value that an entity id is made of.
const entityIDKind = "process 1"

// entityID is process.entity_id: a content id of node, boot, number and start. The start counts in ticks, so that a process has the same id
// whether /proc or a record told of it.
func (e *Event) entityID(k Key) string {
	var buf [256]byte
	b := event.AppendIDPart(buf[:0], entityIDKind)
	b = event.AppendIDPart(b, e.stream.start.Node)
	b = event.AppendIDPart(b, e.stream.start.BootID)
	b = binary.BigEndian.AppendUint32(b, k.PID)
	b = binary.BigEndian.AppendUint64(b, k.StartNs/TickNs)
	return string(event.AppendContentID(nil, b))
}

// user is a user by number, with the name that it has where the event happened; nobody where no number maps.
func (e *Event) user(id uint32) event.Account {
	name, _ := e.userName(id)
	return event.Account{ID: idText(id), Name: name}
}

// group is user for groups.
func (e *Event) group(id uint32) event.Account {
	name, _ := e.groupName(id)
	return event.Account{ID: idText(id), Name: name}
}

// idText is a number of a user or group; -1 is none.
func idText(id uint32) string { return strconv.FormatInt(signed(id), 10) }

func octal(mode uint32) string { return strconv.FormatUint(uint64(mode&0o7777), 8) }

func boolText(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

// capNames are the names of capabilities; nil where there are none.
func capNames(caps uint64) (names []string) {
	for i, n := range capabilities {
		if caps>>i&1 != 0 {
			names = append(names, n)
		}
	}
	return names
}

// scrubbedOption says whether nothing about an option of a file system, written as one, looks like a credential.
func scrubbedOption(key, value string) bool {
	option := strings.ToValidUTF8(key+"="+value, "")
	return scrub.Text(option) == option
}
