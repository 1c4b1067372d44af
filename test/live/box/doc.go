// Package box starts real containers for the live tests, with the runtime that fits this machine and no daemon.
//
//	Config -> bundle (config.json, root file system) -> runc or crun -> Container
//
// It wants root. On a pure cgroup v2 tree it uses crun, which is quick also in emulation, and on others runc, which crun does not
// work on. Containers have the cgroups that the kubelet gives them where their Config says so, and no resource limits, so that a
// machine without the controllers will do. A Runtime may be used by several goroutines at once, a Container by one.
package box
