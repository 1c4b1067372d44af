package kernel

import "cmp"

// maxUserBytes bounds what the names of users of all containers take, in bytes: where there is no room the longest list is given up.
const maxUserBytes = 8 << 20

// userTable is the names of users and groups of containers and, under the empty id, of the node.
type userTable struct {
	byContainer map[string]*userList
	bytes       int
	serial      uint64
}

type userList struct {
	*Users
	bytes  int
	serial uint64 // order of coming
}

func (t *userTable) add(u *Users) {
	if t.byContainer == nil {
		t.byContainer = map[string]*userList{}
	}
	t.forget(u.ContainerID)
	t.serial++
	l := &userList{u, u.bytes(), t.serial}
	t.byContainer[u.ContainerID] = l
	for t.bytes += l.bytes; t.bytes > maxUserBytes; {
		t.forget(t.longest())
	}
}

// userBytes is what a name takes beside its bytes, and userListBytes what a list does, in the memory of a 64-bit processor.
const userBytes, userListBytes = 48, 256

func (u *Users) bytes() int {
	n := userListBytes + len(u.ContainerID) + (len(u.Users)+len(u.Groups))*userBytes
	for _, names := range []map[uint32]string{u.Users, u.Groups} {
		for _, name := range names {
			n += len(name)
		}
	}
	return n
}

// longest is the container with the longest list, the first that came where several are as long.
func (t *userTable) longest() (id string) {
	var most *userList
	for of, l := range t.byContainer {
		if most == nil || cmp.Or(cmp.Compare(most.bytes, l.bytes), cmp.Compare(l.serial, most.serial)) < 0 {
			id, most = of, l
		}
	}
	return id
}

// forget lets go of a container's list.
func (t *userTable) forget(containerID string) {
	if l := t.byContainer[containerID]; l != nil {
		t.bytes -= l.bytes
		delete(t.byContainer, containerID)
	}
}

// of returns the names that hold in a container, or on the node where c is nil; never nil.
func (t *userTable) of(c *Container) *Users {
	id := ""
	if c != nil {
		id = c.ID
	}
	if l := t.byContainer[id]; l != nil {
		return l.Users
	}
	return noUsers
}

var noUsers = &Users{}

// userName is the name of a user by the list of the event's container, or of the node; 0 is root where there is no list.
func (e *Event) userName(uid uint32) (string, bool) {
	return idName(e.stream.users.of(e.container).Users, uid)
}

// groupName is userName for groups.
func (e *Event) groupName(gid uint32) (string, bool) {
	return idName(e.stream.users.of(e.container).Groups, gid)
}

func idName(names map[uint32]string, id uint32) (string, bool) {
	if s, ok := names[id]; ok && s != "" {
		return s, true
	}
	if id == 0 {
		return "root", true
	}
	return "", false
}
