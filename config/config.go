package config

import "time"

// Config is all settings of `parallax run`, `parallax hub` and `parallax agent`. Each of them uses the sections that concern it.
type Config struct {
	Cluster string        `yaml:"cluster" doc:"name of the cluster in alerts, and in the stream"`
	Data    string        `yaml:"data" doc:"folder of the stream and of what has to outlive a restart; empty: a private temporary one, deleted at the end"`
	Reorder time.Duration `yaml:"reorder" doc:"how much later than a newer one an audit event of a webhook may come without being late"`
	Rules   Rules         `yaml:"rules"`
	Webhook Webhook       `yaml:"webhook"`
	Tail    Tail          `yaml:"tail"`
	Falco   Falco         `yaml:"falco"`
	Sensor  Sensor        `yaml:"sensor"`
	Bus     Bus           `yaml:"bus"`
	Output  Output        `yaml:"output"`
	Sinks   []Sink        `yaml:"sinks" doc:"where alerts go besides output"`
	Ops     Ops           `yaml:"ops"`
	Log     Log           `yaml:"log"`
}

// Rules says which rules are loaded and how they are matched.
type Rules struct {
	Files    []string `yaml:"files" doc:"rule files, or folders of *.yaml and *.yml, loaded after the built-in rules"`
	Builtin  bool     `yaml:"builtin" doc:"load the built-in rules"`
	Matching string   `yaml:"matching" doc:"all: each rule that holds for an event gives an alert; first: only the first of each source, as in Falco by default"`
}

// Webhook is the audit webhook backend that API servers send to.
type Webhook struct {
	Listen    string `yaml:"listen" doc:"address to listen at, 0.0.0.0:9443; empty: no listener"`
	Dir       string `yaml:"dir" doc:"folder that 'parallax setup webhook' has written: server.crt, server.key and ca.crt are taken from it where they are not given"`
	Cert      string `yaml:"certFile" doc:"certificate of the server"`
	Key       string `yaml:"keyFile" doc:"its key"`
	ClientCA  string `yaml:"clientCAFile" doc:"who signed the certificates of API servers; empty: none is asked for"`
	TokenFile string `yaml:"tokenFile" doc:"a bearer token that is enough instead of a certificate"`
	MaxBody   Bytes  `yaml:"maxBody" doc:"longest body of a request; what is longer is refused and lost"`
}

// Tail follows audit log files.
type Tail struct {
	Audit []string `yaml:"audit" doc:"audit logs that API servers write, files or patterns"`
	From  string   `yaml:"from" doc:"where to begin where nothing was read yet: live (the file as it is), oldest (its backups, too) or end"`
}

// Falco is where Falco's alerts come from.
type Falco struct {
	Listen    string   `yaml:"listen" doc:"address for Falco's http_output and falcosidekick; empty: no listener. Plain HTTP where it is one of this machine (127.0.0.1:2801), else TLS with the webhook's certificate"`
	TokenFile string   `yaml:"tokenFile" doc:"secret that the path ends with: http://ADDRESS/falco/SECRET"`
	GRPC      string   `yaml:"grpc" doc:"outputs of Falco up to 0.43: unix:///run/falco/falco.sock or HOST:5060"`
	GRPCCert  string   `yaml:"grpcCertFile" doc:"client certificate for HOST:5060"`
	GRPCKey   string   `yaml:"grpcKeyFile" doc:"its key"`
	GRPCCA    string   `yaml:"grpcCAFile" doc:"who signed Falco's certificate"`
	Files     []string `yaml:"files" doc:"files that Falco's file_output writes"`
	Alerts    bool     `yaml:"alerts" doc:"pass Falco's alerts on as alerts"`
}

// Sensor is the kernel sensor of this machine.
type Sensor struct {
	Enabled       string   `yaml:"enabled" doc:"auto: where it may (root), yes: or fail, no"`
	Node          string   `yaml:"node" doc:"name of the machine in events and alerts; default NODE_NAME of the environment, else the host name"`
	Host          bool     `yaml:"host" doc:"watch the processes of the machine itself, too, not only those in containers"`
	FailedExecs   bool     `yaml:"failedExecs" doc:"record programs that could not be started, too; makes every system call a little slower"`
	RuntimeSetup  bool     `yaml:"runtimeSetup" doc:"record what a container runtime does inside a container before its first program starts, too"`
	State         string   `yaml:"state" doc:"file in which sessions survive a restart of the sensor; it is to be gone after a reboot. Empty: none"`
	Lock          string   `yaml:"lock" doc:"file that keeps a second sensor from this machine: they would see the same, and each costs"`
	HostRoot      string   `yaml:"hostRoot" doc:"folder where the machine's root is seen; in a container, where it is mounted (/host)"`
	RuntimeDirs   []string `yaml:"runtimeDirs" doc:"further folders of a container runtime's files, runtime=folder, as the machine names it: containerd (its state), cri-o or podman (storage), docker (data), runc (--root)"`
	CgroupRoots   []string `yaml:"cgroupRoots" doc:"cgroup paths that count as a root, for nodes that are containers themselves (kind, k3d)"`
	KubeletRoots  []string `yaml:"kubeletCgroupRoots" doc:"cgroup paths that the kubelet was given as --cgroup-root"`
	RecordingFile string   `yaml:"record" doc:"write what the sensor sees to this file, too, as 'parallax record' does; it is not to be there yet"`
}

// Bus is the stream between the parts: embedded, or a NATS cluster.
type Bus struct {
	URLs        []string      `yaml:"urls" doc:"servers of a NATS cluster with JetStream; none: embedded in this process"`
	CredsFile   string        `yaml:"credsFile" doc:"credentials (JWT) for the cluster"`
	NKeyFile    string        `yaml:"nkeyFile" doc:"NKey seed for the cluster, or of an agent for its hub"`
	TokenFile   string        `yaml:"tokenFile" doc:"token of an agent for its hub: a projected service account token"`
	CA          string        `yaml:"caFile" doc:"who signed the servers' certificates"`
	Cert        string        `yaml:"certFile" doc:"client certificate; or, of the embedded server, its own"`
	Key         string        `yaml:"keyFile" doc:"its key"`
	Listen      string        `yaml:"listen" doc:"address at which the embedded server takes agents, 0.0.0.0:4222; empty: none"`
	AgentKeys   string        `yaml:"agentKeysFile" doc:"public NKeys of agents, as 'parallax setup agents' writes them"`
	TokenReview bool          `yaml:"tokenReview" doc:"let agents in that show a service account token for the audience parallax, after asking the API server"`
	TailNodes   []string      `yaml:"tailNodes" doc:"nodes whose agents may send what they read of audit logs: those of the control plane"`
	AgentOf     string        `yaml:"agentServiceAccount" doc:"the service account that agents run as, NAMESPACE/NAME"`
	Sync        string        `yaml:"sync" doc:"when the embedded server's files are synced: always, or a duration (then a crash of the machine may lose that much)"`
	MaxBytes    Bytes         `yaml:"maxBytes" doc:"room of the stream; when it is full, API servers are told to try again later"`
	AlertBytes  Bytes         `yaml:"alertBytes" doc:"room of the alerts that sinks have not taken yet"`
	Retention   time.Duration `yaml:"retention" doc:"how long what has been judged is kept"`
	Replicas    int           `yaml:"replicas" doc:"copies of each stream in a cluster; 0: three, or as many as there are servers"`
}

// Output is the one sink that flags speak of: a file, or standard output.
type Output struct {
	Format  string        `yaml:"format" doc:"json (one ECS document a line) or text; default text on a terminal, else json"`
	File    string        `yaml:"file" doc:"append alerts to this file instead of writing them to standard output; none: neither"`
	Rotate  Bytes         `yaml:"rotateBytes" doc:"begin a new file beyond this size; 0: never"`
	RotateT time.Duration `yaml:"rotateAfter" doc:"begin a new file after this time; 0: never"`
	Keep    int           `yaml:"keep" doc:"how many finished files are kept; 0: all"`
	Sync    string        `yaml:"sync" doc:"when the file is synced: always (after each batch), never, or a duration"`
	Events  bool          `yaml:"events" doc:"give out every event, not only alerts (event.kind is event, not alert)"`
	FailOn  string        `yaml:"failOn" doc:"exit with status 3 when an alert given out was at least this severe: a severity or a priority of rule files (Warning)"`
}

// Sink is one more place that alerts go to.
type Sink struct {
	Name        string        `yaml:"name" doc:"its name in metrics and dead letters; default its type"`
	Type        string        `yaml:"type" doc:"file, nats or webhook"`
	MinSeverity string        `yaml:"minSeverity" doc:"low, medium, high or critical; default all"`
	File        string        `yaml:"file,omitempty" doc:"file: the file; rotateBytes, rotateAfter, keep and sync as in output"`
	Rotate      Bytes         `yaml:"rotateBytes,omitempty"`
	RotateT     time.Duration `yaml:"rotateAfter,omitempty"`
	Keep        int           `yaml:"keep,omitempty"`
	Sync        string        `yaml:"sync,omitempty"`
	URLs        []string      `yaml:"urls,omitempty" doc:"nats: servers"`
	Subject     string        `yaml:"subject,omitempty" doc:"nats: subject that documents are published to; the severity is appended"`
	JetStream   string        `yaml:"jetStream,omitempty" doc:"nats: auto (default: stored where a stream takes the subject), always or never"`
	CredsFile   string        `yaml:"credsFile,omitempty" doc:"nats: credentials"`
	NKeyFile    string        `yaml:"nkeyFile,omitempty" doc:"nats: NKey seed"`
	URL         string        `yaml:"url,omitempty" doc:"webhook: where documents are posted"`
	URLFile     string        `yaml:"urlFile,omitempty" doc:"webhook: file that holds the URL, where that is a secret"`
	Format      string        `yaml:"format,omitempty" doc:"webhook: json, alertmanager or falco"`
	Array       bool          `yaml:"array,omitempty" doc:"webhook, json: post an array of documents instead of one at a time"`
	Firing      time.Duration `yaml:"firing,omitempty" doc:"webhook, alertmanager: how long an alert stands; default 1h"`
	Headers     string        `yaml:"headersFile,omitempty" doc:"webhook: file of headers, NAME: VALUE, one a line"`
	TokenFile   string        `yaml:"tokenFile,omitempty" doc:"nats, webhook: token"`
	SecretFile  string        `yaml:"secretFile,omitempty" doc:"webhook: key of the signature (HMAC-SHA256) in X-Parallax-Signature"`
	SignTime    bool          `yaml:"signTime,omitempty" doc:"webhook: sign X-Parallax-Timestamp, too"`
	CA          string        `yaml:"caFile,omitempty" doc:"nats, webhook: who signed the server's certificate"`
	Cert        string        `yaml:"certFile,omitempty" doc:"nats, webhook: client certificate"`
	Key         string        `yaml:"keyFile,omitempty" doc:"its key"`
	Timeout     time.Duration `yaml:"timeout,omitempty" doc:"nats, webhook: of one request; default 10s"`
}

// Ops is what operators look at.
type Ops struct {
	Listen string        `yaml:"listen" doc:"address of /healthz, /readyz and /metrics, 127.0.0.1:9464; empty: none"`
	Drain  time.Duration `yaml:"drain" doc:"how long a stop may take to give out what has been taken in"`
}

// Log is what is told on standard error.
type Log struct {
	Format string `yaml:"format" doc:"text or json"`
	Level  string `yaml:"level" doc:"debug, info, warn or error"`
}

// Default is the configuration where nothing is said.
func Default() Config {
	return Config{
		Cluster: "default", Reorder: 30 * time.Second,
		Rules:   Rules{Builtin: true, Matching: "all"},
		Webhook: Webhook{MaxBody: 128 << 20},
		Tail:    Tail{From: "live"},
		Sensor:  Sensor{Enabled: "auto", State: "/run/parallax/sessions.json", Lock: "/run/parallax/sensor.lock", HostRoot: "/"},
		Bus:     Bus{Sync: "always", MaxBytes: 4 << 30, AlertBytes: 1 << 30, Retention: 72 * time.Hour},
		Output:  Output{Sync: "always"},
		Ops:     Ops{Drain: 10 * time.Second},
		Log:     Log{Format: "text", Level: "info"},
	}
}
