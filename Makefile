# Parallax. `make help` lists every target.
GO      ?= go
BIN     := bin/parallax
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
FUZZTIME ?= 20s
TESTFLAGS ?=
LIVEFLAGS ?=
E2EFLAGS ?=
KERNELFLAGS ?=
GOFUMPT  := $(GO) run mvdan.cc/gofumpt@v0.12.0
LINT     := $(GO) run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

.DEFAULT_GOAL := help
.PHONY: help build run test generate generate-check check fmt lint race fuzz bench docs clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build bin/parallax
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o $(BIN) ./cmd/parallax

IMAGE     ?= parallax:$(VERSION)
CONTAINER ?= docker

.PHONY: image
image: ## build the container image IMAGE (CONTAINER=docker, podman or buildah)
	$(CONTAINER) build --build-arg VERSION=$(VERSION) --build-arg REVISION=$(shell git rev-parse HEAD 2>/dev/null || echo unknown) -t $(IMAGE) .

.PHONY: check-manifests
check-manifests: build ## render deploy/manifests and hold it against the schemas of a Kubernetes release
	PARALLAX=$(BIN) test/manifests/check.sh

.PHONY: e2e
e2e: build ## bring the manifests up on a real cluster and attack it: root, and the variables that test/e2e/doc.go tells of
	E2E_BINARY=$(CURDIR)/$(BIN) $(GO) test -tags e2e -count=1 -timeout 20m $(E2EFLAGS) ./test/e2e

run: build ## build, then replay the recorded audit log that ships with the project
	$(BIN) replay --output text examples/audit/sample.log

test: ## run the tests: no root, no server, nothing but Go
	$(GO) vet ./...
	$(GO) test $(TESTFLAGS) ./...

generate: ## make the eBPF objects and their Go types anew (wants clang-19, llvm-strip-19 and libbpf-dev)
	$(GO) generate ./bpf

generate-check: generate ## the committed eBPF objects are what the sources give
	@git diff --exit-code --stat -- bpf || { echo "the eBPF objects are not what the sources give: make generate"; exit 1; }

check: fmt-check lint test docs-check ## what CI runs first: formatting, lint, tests, generated docs

fmt: ## format the code
	$(GOFUMPT) -l -w .

.PHONY: fmt-check docs-check
fmt-check:
	@out=$$($(GOFUMPT) -l .); test -z "$$out" || { echo "not formatted (make fmt):"; echo "$$out"; exit 1; }

lint: ## run golangci-lint
	$(LINT) run

race: ## run the tests under the race detector (wants a C compiler)
	CGO_ENABLED=1 $(GO) test -race ./...

fuzz: ## run each fuzz target for FUZZTIME
	@for p in $$($(GO) list ./...); do \
		for f in $$($(GO) test -list '^Fuzz' $$p | grep '^Fuzz'); do \
			echo "$$p $$f"; $(GO) test -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 100x $$p || exit 1; \
		done; \
	done

.PHONY: test-servers
test-servers: ## kill the program 100 times, lose a server of a NATS cluster, fill a disk: some minutes; root for the disk
	$(GO) test -count=1 -timeout 20m $(SERVERFLAGS) ./test/crash -args -rounds=100
	$(GO) test -tags servers -count=1 -timeout 20m $(SERVERFLAGS) ./test/servers
	$(GO) test -tags servers -count=1 -timeout 10m $(SERVERFLAGS) -run 'Cluster|Disk' ./bus

.PHONY: test-clock
test-clock: ## set the clock of a virtual machine ahead and back, with the program at work in it: QEMU, one of Debian's kernels
	$(GO) run ./test/kernels -only newest-amd64 -packages test/clock

.PHONY: test-live test-kernels fetch-kernels
test-live: build ## drive real containers and watch what the sensor says: root, runc or crun, busybox-static, containerd
	PARALLAX_LIVE_BINARY=$(CURDIR)/$(BIN) $(GO) test -tags live -count=1 -timeout 20m $(LIVEFLAGS) ./test/live ./ingest/kernel/runtimefiles ./ingest/kernel/sensor

test-kernels: ## run the same on other kernels, in virtual machines: QEMU, Debian's kernels (KERNELFLAGS=-help)
	$(GO) run ./test/kernels $(KERNELFLAGS)

fetch-kernels: ## fetch the kernels that test-kernels needs, where they are not in the cache
	$(GO) run ./test/kernels -fetch

bench: ## measure the goals: interleaved, ratios with minimum and median
	$(GO) run ./bench

.PHONY: bench-sensor
bench-sensor: build ## measure what the sensor costs and holds: root (SENSORFLAGS=-auditd measures auditd as well, last)
	$(GO) run ./bench/sensor $(SENSORFLAGS)

.PHONY: bench-ingest
bench-ingest: build ## measure what a whole run takes from API servers, over TLS and synced to disk, against the most that one sends
	$(GO) run ./bench/ingest -binary $(BIN) $(INGESTFLAGS)

docs: build ## write docs/FIELDS.md anew from the field tables
	$(BIN) rules fields --output markdown > docs/FIELDS.md

docs-check: build
	@$(BIN) rules fields --output markdown | diff -u docs/FIELDS.md - || { echo "docs/FIELDS.md is not what the tables say: make docs"; exit 1; }

clean: ## remove what was built
	rm -rf bin
