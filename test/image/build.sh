#!/usr/bin/env bash
# Builds the Dockerfile with buildah where no registry can be reached: the image of the compiler is made of this machine's own Go. Root.
#
#   test/image/build.sh NAME ARCHIVE     the image under that name, as a docker-archive
#
# Wants buildah and busybox-static. Modules and compiled packages are those of this machine's caches.
set -euo pipefail
cd "$(dirname "$0")/../.."
name=$1 archive=$2
dir=$(mktemp -d)
buildah=(buildah --root "$dir/root" --runroot "$dir/run" --storage-driver vfs)
trap '"${buildah[@]}" rm --all >/dev/null 2>&1; rm -rf "$dir"' EXIT

mkdir -p "$dir/base/bin" "$dir/base/etc/ssl/certs" "$dir/base/usr/local/go" "$dir/base/tmp"
cp /bin/busybox "$dir/base/bin/"
for command in sh mkdir cp chown; do ln -s busybox "$dir/base/bin/$command"; done
cp /etc/ssl/certs/ca-certificates.crt "$dir/base/etc/ssl/certs/"
printf 'FROM scratch\nCOPY . /\nENV PATH=/usr/local/go/bin:/bin GOPATH=/go GOTOOLCHAIN=local GOCACHE=/cache\n' >"$dir/Dockerfile"
"${buildah[@]}" bud --isolation chroot -q -f "$dir/Dockerfile" -t localhost/go:local "$dir/base" >/dev/null

"${buildah[@]}" bud --isolation chroot --pull-never --timestamp 0 -q \
  -v "$(go env GOROOT):/usr/local/go:ro" -v "$(go env GOMODCACHE):/go/pkg/mod" -v "$(go env GOCACHE):/cache" \
  --build-arg GO_IMAGE=localhost/go:local --build-arg "VERSION=${VERSION:-unknown}" --build-arg "REVISION=$(git rev-parse HEAD 2>/dev/null || echo unknown)" \
  -t "$name" . >/dev/null
rm -f "$archive"
"${buildah[@]}" push -q "$name" "docker-archive:$archive:$name"
