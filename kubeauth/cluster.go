package kubeauth

import (
	"context"
	"fmt"

	authentication "k8s.io/api/authentication/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// Cluster is the Reviewer of a cluster's API server.
type Cluster struct{ client *rest.RESTClient }

// NewCluster returns what asks the API server that a kubeconfig names; empty: that of the cluster whose pod this is, as the pod's service
// account, which wants to be allowed to create tokenreviews. Nothing is asked yet. Tokens and certificates of the connection are read again as they change.
func NewCluster(kubeconfig string) (*Cluster, error) {
	cfg, err := clusterConfig(kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("reach the API server: %w", err)
	}
	return clusterOf(cfg)
}

func clusterConfig(kubeconfig string) (*rest.Config, error) {
	if kubeconfig == "" {
		return rest.InClusterConfig()
	}
	return clientcmd.NewNonInteractiveDeferredLoadingClientConfig(
		&clientcmd.ClientConfigLoadingRules{ExplicitPath: kubeconfig}, nil).ClientConfig()
}

// clusterOf makes a client that knows of no other API group, since all of them together would be half of the program.
func clusterOf(cfg *rest.Config) (*Cluster, error) {
	scheme := runtime.NewScheme()
	if err := authentication.AddToScheme(scheme); err != nil {
		return nil, fmt.Errorf("register the API group: %w", err)
	}
	own := rest.CopyConfig(cfg)
	own.GroupVersion = &authentication.SchemeGroupVersion
	own.APIPath = "/apis"
	own.NegotiatedSerializer = serializer.NewCodecFactory(scheme).WithoutConversion()
	own.UserAgent = "parallax"
	own.QPS, own.Burst = -1, 0 // Authenticator bounds what is asked
	client, err := rest.RESTClientFor(own)
	if err != nil {
		return nil, fmt.Errorf("client of the API server: %w", err)
	}
	return &Cluster{client}, nil
}

// Review creates a TokenReview, which the API server answers and does not keep.
func (c *Cluster) Review(ctx context.Context, r *authentication.TokenReview) (*authentication.TokenReview, error) {
	out := new(authentication.TokenReview)
	return out, c.client.Post().Resource("tokenreviews").Body(r).Do(ctx).Into(out)
}
