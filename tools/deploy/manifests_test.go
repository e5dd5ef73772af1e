package deploy

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/yannh/kubeconform/pkg/resource"
	"github.com/yannh/kubeconform/pkg/validator"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// core are the types of the objects that Kubernetes itself knows.
var core = map[string]func() any{
	"v1/Service":                         func() any { return &corev1.Service{} },
	"v1/PersistentVolumeClaim":           func() any { return &corev1.PersistentVolumeClaim{} },
	"apps/v1/Deployment":                 func() any { return &appsv1.Deployment{} },
	"batch/v1/Job":                       func() any { return &batchv1.Job{} },
	"policy/v1/PodDisruptionBudget":      func() any { return &policyv1.PodDisruptionBudget{} },
	"networking.k8s.io/v1/NetworkPolicy": func() any { return &networkingv1.NetworkPolicy{} },
}

// definitions are the modules that have the definitions of the other objects.
var definitions = map[string][2]string{
	"kubeflow.org/v2beta1/MPIJob": {"github.com/kubeflow/mpi-operator@v0.6.0", "manifests/base/kubeflow.org_mpijobs.yaml"},
	"keda.sh/v1alpha1/ScaledJob":  {"github.com/kedacore/keda/v2@v2.21.0", "config/crd/bases/keda.sh_scaledjobs.yaml"},
}

// object is what all manifests have.
type object struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Metadata   struct {
		Name string `json:"name"`
	} `json:"metadata"`

	text []byte
}

func (o object) kind() string { return o.APIVersion + "/" + o.Kind }

// objects splits a file of manifests.
func objects(t *testing.T, text []byte) []object {
	t.Helper()
	var all []object
	for r := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text))); ; {
		one, err := r.Read()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		o := object{text: one}
		if err := yaml.Unmarshal(one, &o); err != nil {
			t.Fatalf("%v:\n%s", err, one)
		}
		if o.Kind != "" {
			all = append(all, o)
		}
	}
}

// check returns what is wrong with an object: fields that its type does not have, and values that
// they cannot take.
func (o object) check(t *testing.T, schemas string) error {
	t.Helper()
	if into, ok := core[o.kind()]; ok {
		return yaml.UnmarshalStrict(o.text, into())
	}
	if _, ok := definitions[o.kind()]; !ok {
		return fmt.Errorf("nobody knows the type %s", o.kind())
	}
	v, err := validator.New([]string{schemas + "/{{.ResourceKind}}.json"}, validator.Opts{Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	if got := v.ValidateResource(resource.Resource{Path: o.Metadata.Name, Bytes: o.text}); got.Status != validator.Valid {
		return fmt.Errorf("%v %v", got.Err, got.ValidationErrors)
	}
	return nil
}

// writeSchemas writes the schemas of the definitions, in which no field is allowed that they do not name.
func writeSchemas(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for kind, where := range definitions {
		out, err := exec.Command("go", "mod", "download", "-json", where[0]).Output()
		if err != nil {
			t.Fatalf("go mod download %s: %v\n%s", where[0], err, out)
		}
		var module struct{ Dir string }
		if err := json.Unmarshal(out, &module); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(module.Dir, where[1]))
		if err != nil {
			t.Fatal(err)
		}
		var crd struct {
			Spec struct {
				Versions []struct {
					Name   string
					Schema struct{ OpenAPIV3Schema map[string]any }
				}
			}
		}
		if err := yaml.Unmarshal(text, &crd); err != nil {
			t.Fatal(err)
		}
		version := strings.Split(kind, "/")[1]
		for _, v := range crd.Spec.Versions {
			if v.Name != version {
				continue
			}
			closeObjects(v.Schema.OpenAPIV3Schema)
			schema, err := json.Marshal(v.Schema.OpenAPIV3Schema)
			if err != nil {
				t.Fatal(err)
			}
			name := strings.ToLower(kind[strings.LastIndex(kind, "/")+1:])
			if err := os.WriteFile(filepath.Join(dir, name+".json"), schema, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

// closeObjects forbids the fields that a schema does not name, and gives numbers that may be
// strings both types.
func closeObjects(schema any) {
	switch s := schema.(type) {
	case map[string]any:
		if s["x-kubernetes-int-or-string"] == true {
			s["type"] = []string{"string", "integer"}
			delete(s, "anyOf")
			delete(s, "pattern")
		}
		if properties, ok := s["properties"].(map[string]any); ok && s["type"] == "object" && len(properties) > 0 && s["additionalProperties"] == nil {
			s["additionalProperties"] = false
		}
		if s["type"] == "object" && s["properties"] == nil && s["additionalProperties"] == nil {
			s["additionalProperties"] = true // metadata
		}
		for _, value := range s {
			closeObjects(value)
		}
	case []any:
		for _, value := range s {
			closeObjects(value)
		}
	}
}

// rendered are the files of manifests that the chart has made.
func rendered(t *testing.T) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob(top + "kubernetes/*/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]byte{}
	for _, path := range paths {
		if dir := filepath.Base(filepath.Dir(path)); dir == "chart" || filepath.Base(path) == "kustomization.yaml" {
			continue
		}
		if all[path], err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func TestManifests(t *testing.T) {
	t.Parallel()
	schemas := writeSchemas(t)
	seen := map[string]bool{}
	for path, text := range rendered(t) {
		for _, o := range objects(t, text) {
			seen[o.kind()] = true
			if err := o.check(t, schemas); err != nil {
				t.Errorf("%s: %s %s: %v", path, o.Kind, o.Metadata.Name, err)
			}
			for _, pod := range pods(t, o) {
				restricted(t, o.Metadata.Name, pod)
			}
		}
	}
	for kind := range core {
		if !seen[kind] {
			t.Errorf("there is no %s", kind)
		}
	}
	for kind := range definitions {
		if !seen[kind] {
			t.Errorf("there is no %s", kind)
		}
	}
}

// One letter too few in any field is found, in the objects of Kubernetes and in those of others.
func TestATypoIsFound(t *testing.T) {
	t.Parallel()
	schemas := writeSchemas(t)
	for kind, field := range map[string]string{
		"apps/v1/Deployment": "readinessProbe", "batch/v1/Job": "completionMode", "networking.k8s.io/v1/NetworkPolicy": "podSelector",
		"kubeflow.org/v2beta1/MPIJob": "slotsPerWorker", "keda.sh/v1alpha1/ScaledJob": "pollingInterval",
	} {
		tried := false
		for _, text := range rendered(t) {
			for _, o := range objects(t, text) {
				if o.kind() != kind || !strings.Contains(string(o.text), field+":") {
					continue
				}
				tried = true
				o.text = bytes.Replace(o.text, []byte(field+":"), []byte(field[:len(field)-1]+":"), 1)
				if err := o.check(t, schemas); err == nil {
					t.Errorf("%s with %s is taken", kind, field[:len(field)-1])
				}
			}
		}
		if !tried {
			t.Errorf("no %s has %s", kind, field)
		}
	}
}

// pods are the pods of an object, wherever they are in it.
func pods(t *testing.T, o object) []corev1.PodSpec {
	t.Helper()
	var tree any
	if err := yaml.Unmarshal(o.text, &tree); err != nil {
		t.Fatal(err)
	}
	var found []corev1.PodSpec
	var walk func(any)
	walk = func(node any) {
		switch n := node.(type) {
		case map[string]any:
			if n["containers"] != nil {
				text, err := json.Marshal(n)
				if err != nil {
					t.Fatal(err)
				}
				var pod corev1.PodSpec
				if err := yaml.UnmarshalStrict(text, &pod); err != nil {
					t.Errorf("%s: %v", o.Metadata.Name, err)
				}
				found = append(found, pod)
				return
			}
			for _, value := range n {
				walk(value)
			}
		case []any:
			for _, value := range n {
				walk(value)
			}
		}
	}
	walk(tree)
	return found
}

// restricted holds a pod to the Pod Security Standard of that name, and to a bit more.
func restricted(t *testing.T, name string, pod corev1.PodSpec) {
	t.Helper()
	yes := func(b *bool) bool { return b != nil && *b }
	no := func(b *bool) bool { return b != nil && !*b }
	s := pod.SecurityContext
	if s == nil || !yes(s.RunAsNonRoot) || s.RunAsUser == nil || *s.RunAsUser != 1000 || s.SeccompProfile == nil || s.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault {
		t.Errorf("a pod of %s has the security context %+v", name, s)
	}
	if !no(pod.AutomountServiceAccountToken) {
		t.Errorf("a pod of %s has a token of the cluster", name)
	}
	volumes := map[string]bool{}
	for _, v := range pod.Volumes {
		volumes[v.Name] = true
		if v.HostPath != nil {
			t.Errorf("a pod of %s mounts a folder of its node", name)
		}
	}
	for _, c := range slices.Concat(pod.InitContainers, pod.Containers) {
		s := c.SecurityContext
		if s == nil || !no(s.AllowPrivilegeEscalation) || !yes(s.ReadOnlyRootFilesystem) || s.Capabilities == nil || !slices.Equal(s.Capabilities.Drop, []corev1.Capability{"ALL"}) {
			t.Errorf("the container %s of %s has the security context %+v", c.Name, name, s)
		}
		if c.Resources.Limits.Memory().IsZero() || c.Resources.Requests.Cpu().IsZero() {
			t.Errorf("the container %s of %s has no limits", c.Name, name)
		}
		for _, m := range c.VolumeMounts {
			if !volumes[m.Name] {
				t.Errorf("the container %s of %s mounts %s, which the pod does not have", c.Name, name, m.Name)
			}
		}
		if port := ports[c.Name]; port != "" && (len(c.Ports) != 1 || fmt.Sprint(c.Ports[0].ContainerPort) != port) {
			t.Errorf("%s listens at %+v", c.Name, c.Ports)
		}
	}
}
