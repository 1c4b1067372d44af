package kernel

import "github.com/parallax-sec/parallax/bpf"

// apply lets the tables take the record in, tells the event of its process and container, and says whether the record is an event.
func (d *Decoder) apply(b []byte) (isEvent bool, err error) {
	e, h := &d.event, d.event.head
	if bpf.Kind(h.Kind) == bpf.KindCgroup {
		r, path, err := bpf.ParseCgroup(b)
		if err == nil {
			d.stream.containers.Cgroup(r, path)
		}
		return false, err
	}
	c, via := d.stream.containers.Of(h)
	news := d.applyProcess(c, via)
	e.container, e.via = c, via
	if e.process.Container != nil && e.process.Container != c {
		e.container, e.via = e.process.Container, ViaMark
	}
	return news, nil
}

// applyProcess lets the table of processes take the record in, and says whether it tells what no record told before.
func (d *Decoder) applyProcess(c *Container, via Via) (news bool) {
	e, h, t := &d.event, d.event.head, d.stream.processes
	switch {
	case e.exec != nil:
		change := t.Exec(e.exec, e.execTexts, c, via)
		e.process = change.Process
		d.setBefore(&change.Before, change.Known)
		if change.Leader {
			d.tellSession(e.process.Session, nil)
		}
	case e.exit != nil:
		if e.process, news = t.Exit(e.exit, c); news {
			d.tellExit()
		}
		return news
	case bpf.Kind(h.Kind) == bpf.KindFork:
		e.process = t.Fork(h, c)
	case e.creds != nil:
		e.before = &e.creds.Before
		e.process = t.Seen(h, c)
	default:
		if p := t.find(keyOf(h)); p != nil {
			d.setBefore(&p.Cred, p.credKnown)
		}
		e.process = t.Seen(h, c)
	}
	return true
}

// setBefore keeps the credentials that the table had before the record.
func (d *Decoder) setBefore(c *bpf.Cred, known bool) {
	if known {
		d.before = *c
		d.event.before = &d.before
	}
}
