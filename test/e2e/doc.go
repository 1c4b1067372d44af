// Package e2e brings the manifests up on a real cluster of one node, which is the machine that the tests run on, points its API server's
// audit webhook at the hub, and looks at what comes out. Build tag e2e, root; `make e2e` runs it, with these variables:
//
//	KUBECONFIG    of somebody who may do everything; KUBECTL names another kubectl than that in PATH
//	E2E_BINARY    the built program
//	E2E_ARCHIVE   its image as a docker-archive, E2E_IMAGE the image's name there
//	E2E_LOAD      shell command that gives the archive "$1" to the node's container runtime
//	E2E_AUDIT     shell command that makes the API server use the audit webhook kubeconfig "$1" and the audit policy "$2", and
//	              returns when it answers again
//	E2E_AUDIT_LOG the audit log that the API server writes, in a folder of its own or nearly so
//	E2E_KEEP      not empty: leave everything as it is at the end
//	E2E_POD       image with a shell for the pods that are looked at; default docker.io/library/busybox:1.36
//
// The cluster needs no DNS and no provisioner of volumes. Namespaces and what else is made are removed at the end; the API server keeps the
// webhook.
package e2e
