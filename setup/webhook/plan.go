package webhook

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/parallax-sec/parallax/setup/auditpolicy"
	"github.com/parallax-sec/parallax/setup/folder"
	"github.com/parallax-sec/parallax/setup/pki"
)

// Names of files.
const (
	caCert     = "ca.crt"
	caKey      = "ca.key"
	serverCert = "server.crt"
	serverKey  = "server.key"

	PolicyFile     = "audit-policy.yaml"
	KubeconfigFile = "webhook-kubeconfig.yaml" // of the only API server, and of each on its own machine
)

// Plan is what will be done, and what there is to say about it.
type Plan struct {
	Clients    []Client
	Warnings   []string
	CAEnds     time.Time
	LeavesEnd  time.Time // the earliest end of the certificates that were made or kept
	RenewAfter time.Time // from here on the same command makes some of them anew

	config Config
	url    *url.URL
	now    time.Time
	folder *folder.Folder
	ca     *pki.CA
}

// NewPlan looks at the folder and plans what c asks for. It changes nothing.
func NewPlan(c Config, now time.Time) (*Plan, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	u, err := c.parseURL()
	if err != nil {
		return nil, err
	}
	f, err := folder.Open(c.Dir)
	if err != nil {
		return nil, err
	}
	p := &Plan{Clients: c.clients(u), config: c, url: u, now: now, folder: f}
	for _, step := range []func() error{p.planCA, p.planServer, p.planClients, p.planPolicy, p.warn} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	p.RenewAfter = p.LeavesEnd.Add(-pki.RenewBefore)
	return p, nil
}

// Steps returns what happens to each file.
func (p *Plan) Steps() []folder.Step { return p.folder.Steps() }

// Apply writes the files.
func (p *Plan) Apply() error { return p.folder.Apply() }

func (p *Plan) planCA() error {
	pair, err := p.readPair(caCert, caKey)
	switch {
	case err != nil:
		return err
	case p.config.NewCA || pair.Cert == nil && pair.Key == nil:
		return p.makeCA()
	case pair.Cert == nil:
		return fmt.Errorf("%s is there without %s: put that back, or make a new CA (--force)", p.folder.Path(caKey), caCert)
	}
	if p.ca, err = pki.ParseCA(pair); err != nil {
		return fmt.Errorf("%s: %w: put the right files back, or make a new CA (--force)", p.folder.Path(caCert), err)
	}
	p.CAEnds = p.ca.Cert.NotAfter
	if p.now.After(p.CAEnds) {
		return fmt.Errorf("%s: the CA ended on %s: make a new one (--force), and give the API servers their new files",
			p.folder.Path(caCert), day(p.CAEnds))
	}
	if pki.EndsSoon(p.ca.Cert, p.now) {
		p.warnf("the CA ends on %s: make a new one before (--force), and give the API servers their new files", day(p.CAEnds))
	}
	if p.ca.Key != nil {
		if err := p.folder.Keep(caKey, folder.Secret, ""); err != nil {
			return err
		}
	}
	return p.folder.Keep(caCert, folder.Public, "ends on "+day(p.CAEnds))
}

func (p *Plan) makeCA() error {
	ca, err := pki.NewCA("parallax webhook CA "+p.now.UTC().Format("2006-01-02 15:04:05"), p.now)
	if err != nil {
		return err
	}
	p.ca, p.CAEnds = ca, ca.Cert.NotAfter
	if err := p.folder.Write(caKey, ca.Pair.Key, folder.Secret, "keep it to yourself; it is needed to renew"); err != nil {
		return err
	}
	return p.folder.Write(caCert, ca.Pair.Cert, folder.Public, "ends on "+day(p.CAEnds))
}

func (p *Plan) planServer() error {
	_, err := p.planLeaf(p.config.serverLeaf(p.url), serverCert, serverKey)
	return err
}

func (p *Plan) planClients() error {
	for _, c := range p.Clients {
		pair, err := p.planLeaf(c.leaf(), c.Cert, c.Key)
		if err != nil {
			return err
		}
		data, err := c.kubeconfig(p.ca.Pair.Cert, pair, p.config.verifyAs(p.url))
		if err != nil {
			return err
		}
		if err := p.folder.Write(c.Kubeconfig, data, folder.Secret, "for the API server "+c.Cluster+"/"+c.Name); err != nil {
			return err
		}
	}
	return nil
}

// planLeaf keeps a certificate that is still good for l, or makes one.
func (p *Plan) planLeaf(l pki.Leaf, cert, key string) (pki.Pair, error) {
	pair, err := p.readPair(cert, key)
	if err != nil {
		return pki.Pair{}, err
	}
	why := "not there yet"
	if pair.Cert != nil && pair.Key != nil {
		why = p.ca.Stale(l, pair, p.now)
	}
	if why == "" {
		return pair, p.keepLeaf(pair, cert, key)
	}
	made, err := p.ca.Issue(l, p.now)
	if errors.Is(err, pki.ErrNoCAKey) {
		return pki.Pair{}, fmt.Errorf("%s must be made (%s), and %s, which signs it, is not there: put it back, or make a new CA (--force)",
			p.folder.Path(cert), why, caKey)
	}
	if err != nil {
		return pki.Pair{}, fmt.Errorf("%s: %w", cert, err)
	}
	return made, p.writeLeaf(l, made, cert, key, pair.Cert != nil, why)
}

func (p *Plan) keepLeaf(pair pki.Pair, cert, key string) error {
	ends, err := p.ends(pair)
	if err != nil {
		return err
	}
	if err := p.folder.Keep(key, folder.Secret, ""); err != nil {
		return err
	}
	return p.folder.Keep(cert, folder.Public, "ends on "+day(ends))
}

func (p *Plan) writeLeaf(l pki.Leaf, pair pki.Pair, cert, key string, replaced bool, why string) error {
	ends, err := p.ends(pair)
	if err != nil {
		return err
	}
	told := "ends on " + day(ends)
	if len(l.Hosts) > 0 {
		told = "for " + strings.Join(l.Hosts, ", ") + "; " + told
	}
	if replaced {
		told += "; the one before: " + why
	}
	if err := p.folder.Write(key, pair.Key, folder.Secret, ""); err != nil {
		return err
	}
	return p.folder.Write(cert, pair.Cert, folder.Public, told)
}

// ends returns the end of a certificate, and remembers the earliest.
func (p *Plan) ends(pair pki.Pair) (time.Time, error) {
	cert, err := pki.ParseCertificate(pair.Cert)
	if err != nil {
		return time.Time{}, err
	}
	if p.LeavesEnd.IsZero() || cert.NotAfter.Before(p.LeavesEnd) {
		p.LeavesEnd = cert.NotAfter
	}
	return cert.NotAfter, nil
}

// planPolicy writes the policy where there is none. Somebody may have made it fit: then it stays.
func (p *Plan) planPolicy() error {
	old, err := p.folder.Read(PolicyFile)
	if err != nil {
		return err
	}
	if old != nil && !bytes.Equal(old, auditpolicy.YAML()) {
		path := p.folder.Path(PolicyFile)
		p.warnf("%s is not this version's policy, and stays. 'parallax setup policy --check %s' tells what rules cannot see under it; move it away to have this version's", path, path)
		return p.folder.Keep(PolicyFile, folder.Public, "not this version's")
	}
	return p.folder.Write(PolicyFile, auditpolicy.YAML(), folder.Public, "")
}

// warn tells what will not work, or may surprise.
func (p *Plan) warn() error {
	host := p.url.Hostname()
	if strings.HasSuffix(host, ".svc") || strings.Contains(host, ".svc.") {
		p.warnf("%s: an API server on a host's network does not know the names of services: use an address, with --tls-server-name %s", host, host)
	}
	others, err := filepath.Glob(p.folder.Path("client*.crt"))
	if err != nil {
		return err
	}
	for _, path := range others {
		name := filepath.Base(path)
		if slices.ContainsFunc(p.Clients, func(c Client) bool { return c.Cert == name }) {
			continue
		}
		if err := p.warnOther(name); err != nil {
			return err
		}
	}
	return nil
}

// warnOther tells of an earlier client's certificate that this plan leaves as it is.
func (p *Plan) warnOther(name string) error {
	data, err := p.folder.Read(name)
	if err != nil {
		return err
	}
	cert, err := pki.ParseCertificate(data)
	switch {
	case err != nil:
		p.warnf("%s: %v", p.folder.Path(name), err)
	case cert.CheckSignatureFrom(p.ca.Cert) != nil:
		p.warnf("%s (%s) is of another CA and lets nobody in any more: name its API server as well, or remove it", p.folder.Path(name), cert.Subject.CommonName)
	default:
		p.warnf("%s (%s) was made earlier, is good until %s, and is left as it is", p.folder.Path(name), cert.Subject.CommonName, day(cert.NotAfter))
	}
	return nil
}

func (p *Plan) warnf(format string, args ...any) {
	p.Warnings = append(p.Warnings, fmt.Sprintf(format, args...))
}

// readPair reads two files; what is not there is nil.
func (p *Plan) readPair(cert, key string) (pki.Pair, error) {
	var pair pki.Pair
	var err error
	if pair.Cert, err = p.folder.Read(cert); err == nil {
		pair.Key, err = p.folder.Read(key)
	}
	if errors.Is(err, os.ErrPermission) {
		err = fmt.Errorf("%w: run it as the user who made it", err)
	}
	return pair, err
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
