package manifests

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes/scheme"
)

const root = "../../deploy/manifests"

// notObjects are files that no API server is given: they are for kustomize, and for Parallax.
var notObjects = []string{"kustomization.yaml", "parallax.yaml", "rules.yaml"}

// objects reads all objects, strictly: a field that is not known, or is there twice, is an error.
func objects(t *testing.T) (out []runtime.Object) {
	t.Helper()
	decoder := serializer.NewCodecFactory(scheme.Scheme, serializer.EnableStrict).UniversalDeserializer()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".yaml" || slices.Contains(notObjects, d.Name()) {
			return err
		}
		for _, text := range documents(t, path) {
			o, _, err := decoder.Decode(text, nil, nil)
			if err != nil {
				t.Errorf("%s: %v", path, err)
				continue
			}
			out = append(out, o)
		}
		return nil
	})
	if err != nil || len(out) == 0 {
		t.Fatalf("%d objects, %v", len(out), err)
	}
	return out
}

func documents(t *testing.T, path string) (out [][]byte) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	d := yaml.NewDocumentDecoder(file)
	defer d.Close()
	for buf := make([]byte, 1<<20); ; {
		n, err := d.Read(buf)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if text := strings.TrimSpace(string(buf[:n])); text != "" {
			out = append(out, []byte(text))
		}
	}
}

// find returns the one object of a type, or the one with a name where there are several.
func find[T runtime.Object](t *testing.T, name string, nameOf func(T) string) (found T) {
	t.Helper()
	n := 0
	for _, o := range objects(t) {
		if one, ok := o.(T); ok && (name == "" || nameOf(one) == name) {
			found, n = one, n+1
		}
	}
	if n != 1 {
		t.Fatalf("%d objects %T %s, want one", n, found, name)
	}
	return found
}
