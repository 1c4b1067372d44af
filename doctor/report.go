package doctor

// Report is what the doctor found. Its JSON is for programs: fields are added, not renamed.
type Report struct {
	// Ready says that the sensor can run here; else Reason is a sentence that says what it lacks.
	Ready  bool   `json:"ready"`
	Reason string `json:"reason,omitempty"`

	Kernel   Kernel    `json:"kernel"`
	Hooks    []Hook    `json:"hooks"`
	Runtimes []Runtime `json:"runtimes"`
	// Rules are those that are blind here, in whole or in part.
	Rules []BlindRule `json:"blind_rules"`
}

// Kernel is what the kernel and the process bring. Where something could not be found out, the text says so in parentheses.
type Kernel struct {
	Release    string `json:"release"`
	Machine    string `json:"machine"` // as Go names the architecture
	BTF        bool   `json:"btf"`
	Privileges string `json:"privileges"`
	Lockdown   string `json:"lockdown"`
	LSM        string `json:"lsm"` // list of security modules
	Cgroups    string `json:"cgroups"`
	TraceFS    string `json:"tracefs"`
	// Compat tells whether the kernel takes system calls of 32-bit programs, of which the sensor sees execs, forks and exits only.
	Compat string `json:"compat_calls"`
}

// Hook is one place in the kernel that the sensor looks at.
type Hook struct {
	Name      string `json:"name"`
	Mechanism string `json:"mechanism,omitempty"` // empty: nothing is seen there
	Lost      string `json:"lost,omitempty"`      // what is not seen
	Reason    string `json:"reason,omitempty"`    // why nothing is seen, or why by a mechanism that is not the best
}

// Runtime is a folder in which a container runtime keeps files about its containers: images, pods and names are read there.
type Runtime struct {
	Name   string `json:"name"`
	Path   string `json:"path"`
	Reason string `json:"reason,omitempty"` // why it cannot be read
}

// BlindRule is a rule that cannot match here, or not all that it asks for.
type BlindRule struct {
	ID      string   `json:"id,omitempty"`
	Name    string   `json:"name"`
	Partly  bool     `json:"partly"`            // it can still match by other events
	Missing []string `json:"missing,omitempty"` // the events (evt.type) that do not come
}
