package event

// The fields of structs in the order in which they are coded. New ones go to the end.

func codeRule(c *coder, r *Rule) {
	c.text(&r.ID)
	c.text(&r.Name)
	c.text(&r.Description)
	c.texts(&r.Tags)
	object(c, &r.Threat, codeThreat)
	c.bool(&r.Request)
	c.bool(&r.Silent)
	c.int(&r.Order)
}

func codeThreat(c *coder, t *Threat) {
	c.texts(&t.TacticIDs)
	c.texts(&t.TacticNames)
	c.texts(&t.TechniqueIDs)
	c.texts(&t.TechniqueNames)
	c.texts(&t.SubtechniqueIDs)
	c.texts(&t.SubtechniqueNames)
}

func codeDetails(c *coder, d *Details) {
	source := uint64(d.Source)
	c.uint64(&source)
	d.Source = Source(min(source, NumSources)) // one that this version does not know is NumSources
	c.int64(&d.TimeNs)
	c.int64(&d.ReceivedNs)
	c.text(&d.EventID)
	c.text(&d.RequestID)
	c.text(&d.Action)
	c.text(&d.Outcome)
	c.text(&d.Change)
	c.texts(&d.Categories)
	c.text(&d.User)
	c.text(&d.UserUID)
	c.texts(&d.Groups)
	c.text(&d.Impersonated)
	c.texts(&d.ImpGroups)
	c.text(&d.Principal)
	c.text(&d.ActorClass)
	c.text(&d.SourceIP)
	c.text(&d.UserAgent)
	c.text(&d.Cluster)
	c.text(&d.Namespace)
	c.text(&d.Resource)
	c.text(&d.Subres)
	c.text(&d.APIGroup)
	c.text(&d.Name)
	c.text(&d.ObjectUID)
	c.text(&d.PodUID)
	c.text(&d.Container)
	c.text(&d.Image)
	c.texts(&d.Command)
	c.text(&d.TTY)
	c.bool(&d.Partial)
	c.texts(&d.Blind)
	optional(c, &d.Audit, codeAudit)
	optional(c, &d.Kernel, codeKernel)
	optional(c, &d.Falco, codeFalco)
}

func codeAudit(c *coder, a *Audit) {
	c.text(&a.AuditID)
	c.text(&a.Level)
	c.text(&a.Stage)
	c.text(&a.Verb)
	c.text(&a.RequestURI)
	c.int(&a.Code)
	c.text(&a.Reason)
	c.text(&a.Decision)
	c.text(&a.DecisionReason)
	c.texts(&a.SourceIPs)
	c.text(&a.APIVersion)
}

func codeKernel(c *coder, k *Kernel) {
	c.text(&k.Node)
	c.text(&k.BootID)
	c.text(&k.KernelRelease)
	c.text(&k.Result)
	object(c, &k.Process, codeProcess)
	object(c, &k.Parent, codeProcess)
	object(c, &k.EntryLeader, codeProcess)
	object(c, &k.SessionLeader, codeProcess)
	object(c, &k.GroupLeader, codeProcess)
	c.text(&k.ContainerID)
	c.text(&k.Runtime)
	c.text(&k.Privileged)
	c.text(&k.Via)
	c.text(&k.Entry)
	c.text(&k.EntryBy)
	c.text(&k.SID)
	object(c, &k.Exe, codeExe)
	object(c, &k.Mount, codeMount)
	object(c, &k.Before, codeCred)
	object(c, &k.After, codeCred)
	c.text(&k.Direction)
	c.texts(&k.GainedCaps)
	c.texts(&k.NSFlags)
	c.text(&k.NSTarget)
	object(c, &k.Ptrace, codePtrace)
	object(c, &k.Drop, codeDrop)
}

func codeProcess(c *coder, p *Process) {
	c.int(&p.PID)
	c.int(&p.VPID)
	c.int(&p.TID)
	c.text(&p.EntityID)
	c.int64(&p.StartNs)
	c.int64(&p.EndNs)
	c.text(&p.Name)
	c.text(&p.Executable)
	c.texts(&p.Args)
	c.int(&p.ArgsCount)
	c.text(&p.WorkingDirectory)
	c.int(&p.TTYMajor)
	c.int(&p.TTYMinor)
	c.bool(&p.Exited)
	c.int(&p.ExitCode)
	c.text(&p.Interactive)
	object(c, &p.User, codeAccount)
	object(c, &p.RealUser, codeAccount)
	object(c, &p.SavedUser, codeAccount)
	object(c, &p.Group, codeAccount)
	object(c, &p.RealGroup, codeAccount)
	object(c, &p.SavedGroup, codeAccount)
	c.texts(&p.Permitted)
	c.texts(&p.Effective)
}

func codeAccount(c *coder, a *Account) {
	c.text(&a.ID)
	c.text(&a.Name)
}

func codeExe(c *coder, e *Exe) {
	c.text(&e.Origin)
	c.bool(&e.Deleted)
	c.text(&e.Requested)
	c.text(&e.Mode)
	c.bool(&e.Truncated)
}

func codeMount(c *coder, m *Mount) {
	c.bool(&m.Called)
	c.text(&m.Source)
	c.text(&m.Target)
	c.text(&m.FSType)
	c.texts(&m.Flags)
	c.text(&m.Key)
	c.text(&m.Data)
	c.text(&m.Command)
}

func codeCred(c *coder, k *Cred) {
	c.text(&k.UID)
	c.text(&k.EUID)
	c.text(&k.SUID)
	c.text(&k.FSUID)
	c.text(&k.GID)
	c.text(&k.EGID)
	c.text(&k.SGID)
	c.text(&k.FSGID)
	c.texts(&k.Caps)
	c.text(&k.UserNSLevel)
}

func codePtrace(c *coder, p *Ptrace) {
	c.text(&p.Request)
	c.int(&p.PID)
	c.text(&p.Name)
	c.text(&p.Target)
}

func codeDrop(c *coder, d *Drop) {
	c.text(&d.Reason)
	c.uint64(&d.Count)
	c.int(&d.CPU)
}

func codeFalco(c *coder, f *Falco) {
	c.text(&f.Sender)
	c.text(&f.Rule)
	c.text(&f.Priority)
	c.text(&f.Source)
	c.text(&f.Hostname)
	c.text(&f.Output)
	c.texts(&f.Tags)
	c.text(&f.UUID)
	c.texts(&f.Fields)
	c.int64(&f.SaidNs)
	c.uint64(&f.Sequence)
	c.text(&f.FilePath)
	object(c, &f.Seen, codeKernel)
}

func codeHead(c *coder, h *Head) {
	c.text(&h.Node)
	c.text(&h.BootID)
	c.uint64(&h.Epoch)
	c.uint64(&h.Seq)
	c.int64(&h.NewestNs)
}

func codeFact(c *coder, f *Fact) {
	c.text(&f.Kind)
	c.text(&f.Key)
	c.int64(&f.TimeNs)
	c.uint64(&f.Seq)
	c.bytes(&f.Data)
}
