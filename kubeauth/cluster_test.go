package kubeauth

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	authentication "k8s.io/api/authentication/v1"
	"k8s.io/client-go/rest"
	clientcmd "k8s.io/client-go/tools/clientcmd/api/v1"
	"sigs.k8s.io/yaml"
)

// serve is an API server that knows TokenReviews only.
func serve(t *testing.T, answer func(w http.ResponseWriter, r *authentication.TokenReview)) *httptest.Server {
	t.Helper()
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r := new(authentication.TokenReview)
		if req.Method != http.MethodPost || req.URL.Path != "/apis/authentication.k8s.io/v1/tokenreviews" || req.Header.Get("Authorization") != "Bearer of the hub" {
			t.Errorf("%s %s, authorization %q", req.Method, req.URL, req.Header.Get("Authorization"))
		}
		if err := json.NewDecoder(req.Body).Decode(r); err != nil || r.Kind != "TokenReview" || r.APIVersion != "authentication.k8s.io/v1" {
			t.Errorf("body %+v: %v", r, err)
		}
		w.Header().Set("Content-Type", "application/json")
		answer(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func reply(w http.ResponseWriter, status int, v any) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func clientOf(t *testing.T, s *httptest.Server) *Cluster {
	t.Helper()
	c, err := clusterOf(&rest.Config{Host: s.URL, BearerToken: "of the hub", TLSClientConfig: rest.TLSClientConfig{Insecure: true}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestClusterIsAsked(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *authentication.TokenReview) {
		if r.Spec.Token != token(7) || len(r.Spec.Audiences) != 1 || r.Spec.Audiences[0] != "parallax" {
			t.Errorf("%+v", r.Spec)
		}
		r.Status = agentOn("node-1")
		r.Spec = authentication.TokenReviewSpec{}
		reply(w, http.StatusCreated, r)
	})
	node, err := newAuthenticator(t, nil, clientOf(t, s)).Authenticate(t.Context(), token(7))
	if node != "node-1" || err != nil {
		t.Errorf("%q, %v", node, err)
	}
}

func TestClusterThatRefusesToAnswer(t *testing.T) {
	for name, answer := range map[string]func(http.ResponseWriter, *authentication.TokenReview){
		"forbidden": func(w http.ResponseWriter, _ *authentication.TokenReview) {
			reply(w, http.StatusForbidden, map[string]any{"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 403, "reason": "Forbidden", "message": "tokenreviews is forbidden"})
		},
		"a broken answer": func(w http.ResponseWriter, _ *authentication.TokenReview) { _, _ = w.Write([]byte(`{"kind":`)) },
		"of another kind": func(w http.ResponseWriter, _ *authentication.TokenReview) {
			reply(w, http.StatusOK, map[string]any{"kind": "Pod", "apiVersion": "v1"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			node, err := newAuthenticator(t, nil, clientOf(t, serve(t, answer))).Authenticate(t.Context(), token(7))
			if node != "" || !errors.Is(err, ErrUnavailable) || strings.Contains(err.Error(), token(7)) {
				t.Errorf("%q, %v", node, err)
			}
		})
	}
}

func TestClusterOfAKubeconfig(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *authentication.TokenReview) {
		r.Status = agentOn("node-1")
		reply(w, http.StatusCreated, r)
	})
	file := filepath.Join(t.TempDir(), "kubeconfig")
	b, err := yaml.Marshal(clientcmd.Config{
		Clusters:       []clientcmd.NamedCluster{{Name: "c", Cluster: clientcmd.Cluster{Server: s.URL, InsecureSkipTLSVerify: true}}},
		AuthInfos:      []clientcmd.NamedAuthInfo{{Name: "u", AuthInfo: clientcmd.AuthInfo{Token: "of the hub"}}},
		Contexts:       []clientcmd.NamedContext{{Name: "x", Context: clientcmd.Context{Cluster: "c", AuthInfo: "u"}}},
		CurrentContext: "x",
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := NewCluster(file)
	if err != nil {
		t.Fatal(err)
	}
	if node, err := newAuthenticator(t, nil, c).Authenticate(t.Context(), token(1)); node != "node-1" || err != nil {
		t.Errorf("%q, %v", node, err)
	}
}

func TestClusterOutsideOfACluster(t *testing.T) {
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	if _, err := NewCluster(""); !errors.Is(err, rest.ErrNotInCluster) {
		t.Error(err)
	}
	if _, err := NewCluster(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}
