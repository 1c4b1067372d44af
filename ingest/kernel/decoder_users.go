package kernel

// maxUserTables bounds for how many containers names of users are kept: the oldest are forgotten.
const maxUserTables = 4096

// userTable is the names of users and groups of containers and, under the empty id, of the node.
type userTable struct {
	byContainer map[string]*Users
	order       []string // ids in the order in which they came
}

func (t *userTable) add(u *Users) {
	if t.byContainer == nil {
		t.byContainer = map[string]*Users{}
	}
	if t.byContainer[u.ContainerID] == nil {
		t.order = append(t.order, u.ContainerID)
	}
	t.byContainer[u.ContainerID] = u
	for len(t.order) > maxUserTables {
		delete(t.byContainer, t.order[0])
		t.order = t.order[1:]
	}
}

// of returns the names that hold in a container, or on the node where c is nil; never nil.
func (t *userTable) of(c *Container) *Users {
	id := ""
	if c != nil {
		id = c.ID
	}
	if u := t.byContainer[id]; u != nil {
		return u
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
