package event

// The tactics and techniques of MITRE ATT&CK (Enterprise, version 17) that rules of this project and Falco's stock rules
// name. A technique that is not here is written with its id alone.

const (
	initialAccess       = "TA0001"
	execution           = "TA0002"
	persistence         = "TA0003"
	privilegeEscalation = "TA0004"
	defenseEvasion      = "TA0005"
	credentialAccess    = "TA0006"
	discovery           = "TA0007"
	lateralMovement     = "TA0008"
	collection          = "TA0009"
	commandAndControl   = "TA0011"
	exfiltration        = "TA0010"
	impact              = "TA0040"
)

// attackTactics stand in the order of the matrix.
var attackTactics = []struct{ id, name string }{
	{initialAccess, "Initial Access"},
	{execution, "Execution"},
	{persistence, "Persistence"},
	{privilegeEscalation, "Privilege Escalation"},
	{defenseEvasion, "Defense Evasion"},
	{credentialAccess, "Credential Access"},
	{discovery, "Discovery"},
	{lateralMovement, "Lateral Movement"},
	{collection, "Collection"},
	{commandAndControl, "Command and Control"},
	{exfiltration, "Exfiltration"},
	{impact, "Impact"},
}

// attackTechniques are sorted by id.
var attackTechniques = []technique{
	{"T1005", "Data from Local System", []string{collection}},
	{"T1020", "Automated Exfiltration", []string{exfiltration}},
	{"T1021", "Remote Services", []string{lateralMovement}},
	{"T1036", "Masquerading", []string{defenseEvasion}},
	{"T1036.005", "Match Legitimate Resource Name or Location", nil},
	{"T1040", "Network Sniffing", []string{credentialAccess, discovery}},
	{"T1046", "Network Service Discovery", []string{discovery}},
	{"T1048", "Exfiltration Over Alternative Protocol", []string{exfiltration}},
	{"T1053", "Scheduled Task/Job", []string{execution, persistence, privilegeEscalation}},
	{"T1053.003", "Cron", nil},
	{"T1053.007", "Container Orchestration Job", nil},
	{"T1055", "Process Injection", []string{privilegeEscalation, defenseEvasion}},
	{"T1055.008", "Ptrace System Calls", nil},
	{"T1059", "Command and Scripting Interpreter", []string{execution}},
	{"T1059.004", "Unix Shell", nil},
	{"T1068", "Exploitation for Privilege Escalation", []string{privilegeEscalation}},
	{"T1069", "Permission Groups Discovery", []string{discovery}},
	{"T1069.003", "Cloud Groups", nil},
	{"T1070", "Indicator Removal", []string{defenseEvasion}},
	{"T1072", "Software Deployment Tools", []string{execution, lateralMovement}},
	{"T1078", "Valid Accounts", []string{initialAccess, persistence, privilegeEscalation, defenseEvasion}},
	{"T1078.001", "Default Accounts", nil},
	{"T1078.004", "Cloud Accounts", nil},
	{"T1083", "File and Directory Discovery", []string{discovery}},
	{"T1090", "Proxy", []string{commandAndControl}},
	{"T1098", "Account Manipulation", []string{persistence, privilegeEscalation}},
	{"T1098.004", "SSH Authorized Keys", nil},
	{"T1098.006", "Additional Container Cluster Roles", nil},
	{"T1105", "Ingress Tool Transfer", []string{commandAndControl}},
	{"T1132", "Data Encoding", []string{commandAndControl}},
	{"T1133", "External Remote Services", []string{initialAccess, persistence}},
	{"T1136", "Create Account", []string{persistence}},
	{"T1190", "Exploit Public-Facing Application", []string{initialAccess}},
	{"T1195", "Supply Chain Compromise", []string{initialAccess}},
	{"T1195.002", "Compromise Software Supply Chain", nil},
	{"T1204", "User Execution", []string{execution}},
	{"T1204.003", "Malicious Image", nil},
	{"T1205", "Traffic Signaling", []string{persistence, defenseEvasion, commandAndControl}},
	{"T1205.001", "Port Knocking", nil},
	{"T1222", "File and Directory Permissions Modification", []string{defenseEvasion}},
	{"T1222.002", "Linux and Mac File and Directory Permissions Modification", nil},
	{"T1485", "Data Destruction", []string{impact}},
	{"T1496", "Resource Hijacking", []string{impact}},
	{"T1505", "Server Software Component", []string{persistence}},
	{"T1505.003", "Web Shell", nil},
	{"T1525", "Implant Internal Image", []string{persistence}},
	{"T1528", "Steal Application Access Token", []string{credentialAccess}},
	{"T1543", "Create or Modify System Process", []string{persistence, privilegeEscalation}},
	{"T1543.005", "Container Service", nil},
	{"T1546", "Event Triggered Execution", []string{persistence, privilegeEscalation}},
	{"T1546.004", "Unix Shell Configuration Modification", nil},
	{"T1548", "Abuse Elevation Control Mechanism", []string{privilegeEscalation, defenseEvasion}},
	{"T1548.001", "Setuid and Setgid", nil},
	{"T1548.003", "Sudo and Sudo Caching", nil},
	{"T1550", "Use Alternate Authentication Material", []string{defenseEvasion, lateralMovement}},
	{"T1550.001", "Application Access Token", nil},
	{"T1552", "Unsecured Credentials", []string{credentialAccess}},
	{"T1552.001", "Credentials In Files", nil},
	{"T1552.005", "Cloud Instance Metadata API", nil},
	{"T1552.007", "Container API", nil},
	{"T1555", "Credentials from Password Stores", []string{credentialAccess}},
	{"T1556", "Modify Authentication Process", []string{persistence, defenseEvasion, credentialAccess}},
	{"T1557", "Adversary-in-the-Middle", []string{credentialAccess, collection}},
	{"T1557.002", "ARP Cache Poisoning", nil},
	{"T1562", "Impair Defenses", []string{defenseEvasion}},
	{"T1562.001", "Disable or Modify Tools", nil},
	{"T1562.004", "Disable or Modify System Firewall", nil},
	{"T1564", "Hide Artifacts", []string{defenseEvasion}},
	{"T1564.001", "Hidden Files and Directories", nil},
	{"T1565", "Data Manipulation", []string{impact}},
	{"T1565.001", "Stored Data Manipulation", nil},
	{"T1609", "Container Administration Command", []string{execution}},
	{"T1610", "Deploy Container", []string{execution, defenseEvasion}},
	{"T1611", "Escape to Host", []string{privilegeEscalation}},
	{"T1612", "Build Image on Host", []string{defenseEvasion}},
	{"T1613", "Container and Resource Discovery", []string{discovery}},
	{"T1620", "Reflective Code Loading", []string{defenseEvasion}},
	{"T1622", "Debugger Evasion", []string{defenseEvasion, discovery}},
}
