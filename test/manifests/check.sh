#!/usr/bin/env bash
# Renders deploy/manifests, alone and with each component, as `kubectl apply -k` would, and holds what comes out against the schemas of a Kubernetes
# release. Run by `make check-manifests`, from the root of the project. Needs Go and its module proxy; PARALLAX is the built program.
set -euo pipefail
KUBERNETES=${KUBERNETES:-v1.35.4}
PARALLAX=${PARALLAX:-bin/parallax}
kustomize=(go run sigs.k8s.io/kustomize/kustomize/v5@v5.7.1)
kubeconform=(go run github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0)

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

module=$(go mod download -json "k8s.io/kubernetes@$KUBERNETES" | sed -n 's/^\t"Dir": "\(.*\)",*$/\1/p')
go run ./test/manifests/schemas "$module/api/openapi-spec/swagger.json" "$dir/schemas"

cp -r deploy/manifests "$dir/manifests"
"$PARALLAX" setup webhook --dir "$dir/manifests/webhook" --url https://192.0.2.1:9443/audit --san parallax-hub.parallax.svc >"$dir/log" 2>&1 || { cat "$dir/log"; exit 1; }

# check NAME DIR : renders and checks DIR
check() {
  "${kustomize[@]}" build "$2" >"$dir/$1.yaml"
  "${kubeconform[@]}" -strict -summary -schema-location "$dir/schemas/{{.ResourceKind}}{{.KindSuffix}}.json" "$dir/$1.yaml" | sed "s/^/$1: /"
}
check all "$dir/manifests"
for component in "$dir"/manifests/components/*/; do
  name=$(basename "$component")
  mkdir "$dir/$name"
  printf 'resources: [../manifests]\ncomponents: [../manifests/components/%s]\n' "$name" >"$dir/$name/kustomization.yaml"
  check "$name" "$dir/$name"
done

# The check itself: a misspelt field is found.
sed 's/readOnlyRootFilesystem/readOnlyRootFileSystem/' "$dir/all.yaml" >"$dir/misspelt.yaml"
if "${kubeconform[@]}" -strict -schema-location "$dir/schemas/{{.ResourceKind}}{{.KindSuffix}}.json" "$dir/misspelt.yaml" >"$dir/log" 2>&1; then
  echo "a misspelt field was not found" >&2
  exit 1
fi
