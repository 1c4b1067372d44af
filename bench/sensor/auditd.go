package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
)

// auditd measures auditd with a rule on execve, and then without the rule: the kernel goes on auditing every new process until it starts anew.
func auditd(ctx context.Context, tiny string, o *options) ([]*mode, error) {
	watched := &mode{name: "auditd, rule on execve", start: func(context.Context) (func() error, error) {
		if err := call("auditctl", "-e", "1"); err != nil {
			return nil, err
		}
		if err := call("auditctl", "-a", "always,exit", "-F", "arch=b64", "-S", "execve", "-k", "bench"); err != nil {
			return nil, err
		}
		return func() error { return errors.Join(call("auditctl", "-D"), call("auditctl", "-e", "0")) }, nil
	}}
	if err := call("auditd"); err != nil {
		return nil, fmt.Errorf("start auditd: %w", err)
	}
	defer func() { _ = exec.Command("pkill", "-x", "auditd").Run() }() // gone already, perhaps
	after := &mode{name: "none, after auditd", start: none}
	for range o.rounds {
		for _, m := range []*mode{watched, after} {
			if err := m.round(ctx, tiny, o.spawns); err != nil {
				return nil, err
			}
		}
	}
	return []*mode{watched, after}, nil
}

func call(name string, args ...string) error {
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s %v: %w: %s", name, args, err, out)
	}
	return nil
}
