//go:build helm

package deploy

import (
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// render renders the chart as helm template does. The error says what is wrong with the values.
func render(t *testing.T, values map[string]any) (map[string]string, error) {
	t.Helper()
	chart, err := loader.Load(top + "kubernetes/chart")
	if err != nil {
		t.Fatal(err)
	}
	all, err := chartutil.ToRenderValues(chart, values, chartutil.ReleaseOptions{Name: "foliocast", Namespace: "foliocast", Revision: 1, IsInstall: true}, chartutil.DefaultCapabilities)
	if err != nil {
		return nil, err
	}
	files, err := engine.Render(chart, all)
	if err != nil {
		return nil, err
	}
	rendered := map[string]string{}
	for name, text := range files {
		if strings.HasSuffix(name, ".yaml") && strings.TrimSpace(text) != "" {
			rendered[path.Base(name)] = strings.TrimSpace(text) + "\n"
		}
	}
	return rendered, nil
}

const generated = "# Made from ../chart by make manifests: do not edit.\n"

// The manifests for kustomize are the chart's, with its own values. FOLIOCAST_WRITE=1 writes them.
func TestTheManifestsAreTheCharts(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"indexed", "scaled", "mpijob"} {
		files, err := render(t, map[string]any{"worlds": map[string]any{"kind": kind}})
		if err != nil {
			t.Fatal(err)
		}
		for name, text := range files {
			dir := "base"
			if name == "worlds.yaml" {
				dir = kind
			} else if kind != "indexed" {
				continue
			}
			same(t, filepath.Join(top, "kubernetes", dir, name), generated+text)
		}
	}
}

// same compares a file with what it should have.
func same(t *testing.T, path, want string) {
	t.Helper()
	if os.Getenv("FOLIOCAST_WRITE") != "" {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is not what the chart makes: run make manifests", path)
	}
}

// Every choice that the values offer gives objects that Kubernetes takes.
func TestValues(t *testing.T) {
	t.Parallel()
	schemas := writeSchemas(t)
	for name, values := range map[string]map[string]any{
		"no worlds": {"worlds": map[string]any{"kind": "none"}},
		"a registry": {"image": map[string]any{"registry": "registry.example.org/", "tag": "1.2.3", "pullSecrets": []any{map[string]any{"name": "pull"}}},
			"trustedProxies": "10.0.0.0/8"},
		"shared files": {"storage": map[string]any{"accessMode": "ReadWriteMany", "className": "nfs"}, "frontend": map[string]any{"replicas": 3}},
		"peers": {"networkPolicy": map[string]any{"database": []any{map[string]any{"ipBlock": map[string]any{"cidr": "192.0.2.7/32"}}},
			"clients": []any{map[string]any{"namespaceSelector": map[string]any{}}}}},
		"open":      {"networkPolicy": map[string]any{"enabled": false}},
		"large":     {"worlds": map[string]any{"kind": "mpijob", "pods": 8, "ranks": 16}},
		"many jobs": {"worlds": map[string]any{"kind": "scaled", "worlds": 50}},
	} {
		files, err := render(t, values)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for file, text := range files {
			for _, o := range objects(t, []byte(text)) {
				if err := o.check(t, schemas); err != nil {
					t.Errorf("%s: %s: %s %s: %v", name, file, o.Kind, o.Metadata.Name, err)
				}
				for _, pod := range pods(t, o) {
					restricted(t, o.Metadata.Name, pod)
				}
			}
		}
	}
}

func TestWrongValues(t *testing.T) {
	t.Parallel()
	for want, values := range map[string]map[string]any{
		"replica":  {"queue": map[string]any{"replicas": 2, "replica": 2}},
		"worlds":   {"worlds": map[string]any{"kind": "mpi"}},
		"registry": {"image": map[string]any{"registry": "registry.example.org"}},
		"world":    {"world": map[string]any{"kind": "none"}},
	} {
		if _, err := render(t, values); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v, want a fault of %s", values, err, want)
		}
	}
}

// kubectl apply -k has the same objects.
func TestKustomizations(t *testing.T) {
	t.Parallel()
	schemas := writeSchemas(t)
	for _, dir := range []string{"base", "indexed", "scaled", "mpijob"} {
		made, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), top+"kubernetes/"+dir)
		if err != nil {
			t.Errorf("%s: %v", dir, err)
			continue
		}
		text, err := made.AsYaml()
		if err != nil {
			t.Fatal(err)
		}
		all := objects(t, text)
		if len(all) < 14 {
			t.Errorf("%s has %d objects", dir, len(all))
		}
		for _, o := range all {
			if err := o.check(t, schemas); err != nil {
				t.Errorf("%s: %s %s: %v", dir, o.Kind, o.Metadata.Name, err)
			}
		}
	}
}
