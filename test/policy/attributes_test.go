package policy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"k8s.io/apimachinery/pkg/util/sets"
	auditapi "k8s.io/apiserver/pkg/apis/audit"
	"k8s.io/apiserver/pkg/audit"
	auditpolicy "k8s.io/apiserver/pkg/audit/policy"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/apiserver/pkg/endpoints/request"
)

// evaluator is the API server's own judge of a policy.
func evaluator(t *testing.T, policy []byte) audit.PolicyRuleEvaluator {
	t.Helper()
	p, err := auditpolicy.LoadPolicyFromBytes(policy)
	if err != nil {
		t.Fatal(err)
	}
	return auditpolicy.NewPolicyRuleEvaluator(p)
}

// logged is what the tests read of an audit event.
type logged struct {
	Stage      string
	RequestURI string
	Verb       string
	User       struct {
		Username string
		Groups   []string
	}
	ObjectRef *struct{ Resource, Namespace, Name, APIGroup, Subresource string }
}

// methods are the HTTP methods behind the verbs of requests for resources.
var methods = map[string]string{
	"create": "POST", "update": "PUT", "patch": "PATCH", "delete": "DELETE", "deletecollection": "DELETE",
	"get": "GET", "list": "GET", "watch": "GET",
}

// attributes makes of an event's URI what the API server made of it, when it asked the policy.
func attributes(e *logged) (*authorizer.AttributesRecord, error) {
	u, err := url.ParseRequestURI(e.RequestURI)
	if err != nil {
		return nil, err
	}
	method := methods[e.Verb]
	if e.ObjectRef == nil {
		method = string(bytes.ToUpper([]byte(e.Verb)))
	}
	resolver := &request.RequestInfoFactory{APIPrefixes: sets.NewString("api", "apis"), GrouplessAPIPrefixes: sets.NewString("api")}
	info, err := resolver.NewRequestInfo(&http.Request{Method: method, URL: u})
	if err != nil {
		return nil, err
	}
	return &authorizer.AttributesRecord{
		User: &user.DefaultInfo{Name: e.User.Username, Groups: e.User.Groups},
		Verb: info.Verb, Namespace: info.Namespace, APIGroup: info.APIGroup, APIVersion: info.APIVersion,
		Resource: info.Resource, Subresource: info.Subresource, Name: info.Name,
		ResourceRequest: info.IsResourceRequest, Path: info.Path,
	}, nil
}

// decide asks the API server's judge about an event, and writes what it says in one line.
func decide(judge audit.PolicyRuleEvaluator, data []byte) (string, error) {
	var e logged
	if err := json.Unmarshal(data, &e); err != nil {
		return "", err
	}
	attrs, err := attributes(&e)
	if err != nil {
		return "", err
	}
	config := judge.EvaluatePolicyRule(attrs)
	return line(string(config.Level), config.OmitStages, config.OmitManagedFields), nil
}

func line[S ~string](level string, stages []S, managed bool) string {
	if level == string(auditapi.LevelNone) {
		return level
	}
	sorted := slices.Compact(slices.Sorted(slices.Values(stages)))
	return fmt.Sprintf("%s, without stages %v, managed fields out: %t", level, sorted, managed)
}
