package kernel

// Container is what is known of a container: its identity from the cgroup path, the rest from the runtime's own files.
type Container struct {
	ID         string `json:"id"`                // in full, 64 hexadecimal digits with most runtimes
	PodUID     string `json:"podUID,omitempty"`  // with dashes; empty where there is no pod
	Runtime    string `json:"runtime,omitempty"` // containerd, cri-o, docker, podman, runc, crun; empty where nothing tells
	Sandbox    bool   `json:"sandbox,omitempty"` // the pause container that holds a pod's namespaces
	CgroupID   uint64 `json:"cgroup,omitempty"`  // as records have it
	CgroupPath string `json:"path,omitempty"`
	MntNS      uint32 `json:"mntns,omitempty"` // of its first process; 0: not seen yet
	PIDNS      uint32 `json:"pidns,omitempty"`
	StartNs    uint64 `json:"start,omitempty"` // boot time of its first program
	// Cgroups are further cgroups whose processes are its: those below its own that no record told of, and its folder in the other
	// hierarchy where there are two.
	Cgroups []uint64 `json:"cgroups,omitempty"`

	// From the runtime's files; empty where there are none.
	Name       string            `json:"name,omitempty"`
	Image      string            `json:"image,omitempty"`
	ImageID    string            `json:"imageID,omitempty"`
	Pod        string            `json:"pod,omitempty"`
	Namespace  string            `json:"namespace,omitempty"`
	SandboxID  string            `json:"sandboxID,omitempty"`
	Labels     map[string]string `json:"labels,omitempty"`
	Privileged *bool             `json:"privileged,omitempty"`

	// Gone is set when its cgroup was removed; it stays findable for a while.
	Gone bool `json:"gone,omitempty"`
}

// Via is how an event's container was found.
type Via string

// The ways to find a container.
const (
	ViaCgroup Via = "cgroup"
	ViaMntNS  Via = "mntns" // the cgroup said nothing: the process entered by its mount namespace
	ViaPIDNS  Via = "pidns"
	ViaMark   Via = "ancestor" // neither said anything: an ancestor was in it
)
