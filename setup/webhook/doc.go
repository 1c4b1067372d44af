// Package webhook makes the files by which API servers send their audit events to Parallax: a CA, the server's certificate, for
// each API server a client certificate and a kubeconfig, and the audit policy; and the flags that make an API server use them.
//
//	Config -> NewPlan (looks at what is there) -> Plan: steps, warnings -> Apply; Flags -> Render
//
// Made again with the same Config, what is still good stays: the CA always, a certificate until it ends soon or is asked to say
// something else. The name in a client certificate is CLUSTER/NAME, and it is the source of what comes with it.
package webhook
