package docker

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	setting  = regexp.MustCompile("`env:\"([A-Z_]+)\"([^`]*)`")
	variable = regexp.MustCompile(`FOLIOCAST_[A-Z_]*[A-Z]`)
)

// files returns the texts of all files below folders that have one of the endings.
func files(t *testing.T, endings []string, folders ...string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, folder := range folders {
		err := filepath.WalkDir(filepath.Join("..", folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !slices.Contains(endings, filepath.Ext(path)) || strings.Contains(path, "/secrets/") {
				return err
			}
			text, err := os.ReadFile(path)
			all[path] = string(text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// settings are the variables that the programs read.
func settings(t *testing.T) map[string]bool {
	t.Helper()
	known := map[string]bool{
		"FOLIOCAST_STATE": true, "FOLIOCAST_URL": true, // of the client
		"FOLIOCAST_NP":      true,                                   // of docker/world
		"FOLIOCAST_PUBLISH": true, "FOLIOCAST_POSTGRES_IMAGE": true, // of compose.yaml
	}
	for _, text := range files(t, []string{".go"}, "authsvc", "frontend", "queue", "mpicalc", "internal") {
		for _, m := range setting.FindAllStringSubmatch(text, -1) {
			known["FOLIOCAST_"+m[1]] = true
			if strings.Contains(m[2], `secret:"true"`) {
				known["FOLIOCAST_"+m[1]+"_FILE"] = true
			}
		}
	}
	return known
}

// A program ignores a variable that it does not know, so nothing else finds a misspelt one.
func TestSettingsExist(t *testing.T) {
	t.Parallel()
	known := settings(t)
	if len(known) < 50 || !known["FOLIOCAST_DATABASE_URL_FILE"] {
		t.Fatalf("only %d settings were found in the programs", len(known))
	}
	used := 0
	for path, text := range files(t, []string{"", ".yaml", ".tpl", ".def", ".hcl", ".sh"}, "docker", "kubernetes") {
		for _, name := range variable.FindAllString(text, -1) {
			used++
			if !known[name] {
				t.Errorf("%s names %s, which no program reads", path, name)
			}
		}
	}
	if used < 50 {
		t.Errorf("only %d uses of settings were found", used)
	}
}

// The scale of the worlds follows a metric that the queue has, and the accounts get scopes that exist.
func TestNamesOfTheCode(t *testing.T) {
	t.Parallel()
	depth, err := os.ReadFile("../queue/api/depth.go")
	if err != nil {
		t.Fatal(err)
	}
	metric := regexp.MustCompile(`query: sum\((\w+)\{`)
	scope := regexp.MustCompile(`"((?:queue|results|logins|datasets):[a-z]+)"`)
	var code strings.Builder
	for _, text := range files(t, []string{".go"}, "internal/auth") {
		code.WriteString(text)
	}
	metrics, scopes := 0, 0
	for path, text := range files(t, []string{".yaml"}, "docker", "kubernetes") {
		for _, m := range metric.FindAllStringSubmatch(text, -1) {
			metrics++
			if !strings.Contains(string(depth), `"`+m[1]+`"`) {
				t.Errorf("%s asks for the metric %s, which the queue does not have", path, m[1])
			}
		}
		for _, m := range scope.FindAllStringSubmatch(text, -1) {
			scopes++
			if !strings.Contains(code.String(), `"`+m[1]+`"`) {
				t.Errorf("%s names the scope %s, which does not exist", path, m[1])
			}
		}
	}
	if metrics == 0 || scopes < 10 {
		t.Errorf("found %d metrics and %d scopes", metrics, scopes)
	}
}
