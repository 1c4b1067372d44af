# syntax=docker/dockerfile:1
# One image for every role: `parallax hub`, `parallax agent`, `parallax run`. The eBPF objects are committed, so Go is all that is needed.
#
#   docker build --build-arg VERSION=$(git describe --tags --always) -t parallax .
#
# The same source, Go image and VERSION give the same binary. There is no HEALTHCHECK: Kubernetes asks /healthz and /readyz (deploy/manifests).

ARG GO_IMAGE=docker.io/library/golang:1.26.8

# The compiler runs on the machine that builds, whatever the image is for.
FROM --platform=$BUILDPLATFORM ${GO_IMAGE} AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=unknown TARGETOS=linux TARGETARCH
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$VERSION" -o /image/parallax ./cmd/parallax
# Folders that must be there, and be writable, where nothing is mounted; certificates of public authorities, for sinks.
RUN mkdir -p -m 1777 /image/tmp && mkdir -p -m 0755 /image/var/lib/parallax /image/etc/ssl/certs \
 && chown 65532:65532 /image/var/lib/parallax \
 && cp /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/

FROM scratch
ARG VERSION=unknown REVISION=unknown
LABEL org.opencontainers.image.title="Parallax" \
      org.opencontainers.image.description="Runtime security detector for Kubernetes" \
      org.opencontainers.image.source="https://github.com/parallax-sec/parallax" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
COPY --from=build /image /
# The hub needs no rights at all. An agent is given root and its capabilities by its manifest.
USER 65532:65532
ENTRYPOINT ["/parallax"]
