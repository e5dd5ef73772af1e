package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"foliocast/internal/child"
	"foliocast/internal/serve/servetest"
)

const monitoring = "../../packaging/monitoring/"

// TestMetrics holds all metrics of a running system to the conventions of Prometheus, and every expression of the dashboard and of the alerts
// to metrics that exist. With FOLIOCAST_PROMETHEUS=1, as make metrics-test sets it, a real Prometheus scrapes the system, and each expression
// must return data.
func TestMetrics(t *testing.T) {
	t.Parallel()
	world := fmt.Sprintf("127.0.0.1:%d", freePorts(t, 1)[0])
	c := startCluster(t, 2, "FOLIOCAST_METRICS_LISTEN="+world)
	c.addPrices(t)
	c.foliocast(t, "login")
	forecast := func() {
		c.foliocast(t, "job", "submit", "--dataset", "prices", "--assets", "*", "--model", "auto", "--horizon", "3", "--wait")
	}
	forecast()
	targets := map[string]string{"127.0.0.1:9105": world}
	for name, port := range map[string]string{"authsvc": "5000", "queue": "7500", "frontend": "8080"} {
		targets["127.0.0.1:"+port] = strings.TrimPrefix(c.run.url(name), "http://")
	}
	names := map[string]bool{"up": true} // Prometheus makes this one itself
	var text string
	servetest.Until(t, "the queues and the outbox are sampled", func() bool {
		text = ""
		for _, address := range targets {
			text += scrapeOf(t, address)
		}
		return strings.Contains(text, "foliocast_worlds{") && strings.Contains(text, "foliocast_outbox_entries") && strings.Contains(text, `foliocast_feed_lag_seconds{`)
	})
	for line := range strings.Lines(text) {
		if name := regexp.MustCompile(`^[a-z]\w*`).FindString(line); name != "" {
			names[name] = true
		}
	}
	for _, address := range targets {
		servetest.LintMetrics(t, scrapeOf(t, address))
	}
	queries := append(alertQueries(t), panelQueries(t)...)
	for _, q := range queries {
		used := regexp.MustCompile(`\b((foliocast|process|go)_\w+|up\b)`).FindAllString(q.expr, -1)
		if len(used) == 0 {
			t.Errorf("%s names no metric: %s", q.name, q.expr)
		}
		for _, name := range used {
			if !names[name] {
				t.Errorf("%s: no program has a metric %s", q.name, name)
			}
		}
	}
	if os.Getenv("FOLIOCAST_PROMETHEUS") != "" {
		underPrometheus(t, targets, queries, forecast)
	}
}

// scrapeOf reads the metrics at an address.
func scrapeOf(t *testing.T, address string) string {
	t.Helper()
	response, text := servetest.Send(t, http.MethodGet, "http://"+address+"/metrics", nil, "Authorization", "Bearer "+metricsToken)
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %s", address, response.Status, text)
	}
	return text
}

// query is an expression of the dashboard, or what an alert compares with a bound.
type query struct{ name, expr string }

// alertQueries reads the rules. Each must have a section in the runbook.
func alertQueries(t *testing.T) (all []query) {
	t.Helper()
	rules, err := os.ReadFile(monitoring + "foliocast-alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	runbook, err := os.ReadFile("../../docs/runbook.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^ +- alert: (\w+)\n +expr: (.*) [<>] [0-9.]+\n(?: +.*\n)*? +runbook: docs/runbook.md#(\w+)$`).FindAllStringSubmatch(string(rules), -1) {
		all = append(all, query{m[1], m[2]})
		if !strings.Contains(string(runbook), "\n## "+m[1]+"\n") || m[3] != strings.ToLower(m[1]) {
			t.Errorf("the runbook has no section about %s", m[1])
		}
	}
	if n := strings.Count(string(rules), "- alert:"); len(all) != n || n != strings.Count(string(runbook), "\n## ") {
		t.Errorf("%d of %d alerts compare with a number and have a section in the runbook, which has %d", len(all), n, strings.Count(string(runbook), "\n## "))
	}
	return all
}

// panelQueries reads the dashboard.
func panelQueries(t *testing.T) (all []query) {
	t.Helper()
	text, err := os.ReadFile(monitoring + "grafana.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			Title, Type string
			Targets     []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	for _, p := range dashboard.Panels {
		if p.Type != "row" && len(p.Targets) == 0 {
			t.Errorf("the panel %q shows nothing", p.Title)
		}
		for _, target := range p.Targets {
			all = append(all, query{p.Title, target.Expr})
		}
	}
	return all
}

// underPrometheus runs Prometheus with the configuration that is shipped, which names other addresses, while jobs are done.
func underPrometheus(t *testing.T, targets map[string]string, queries []query, forecast func()) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "token"), metricsToken)
	config, err := os.ReadFile(monitoring + "prometheus.yml")
	if err != nil {
		t.Fatal(err)
	}
	rules, err := os.ReadFile(monitoring + "foliocast-alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(config), "/etc/prometheus/foliocast-token", filepath.Join(dir, "token"))
	for shipped, here := range targets {
		text = strings.ReplaceAll(text, shipped, here)
	}
	writeFile(t, filepath.Join(dir, "prometheus.yml"), "global: {scrape_interval: 1s, evaluation_interval: 1s}\n"+text)
	writeFile(t, filepath.Join(dir, "foliocast-alerts.yml"), string(rules))
	ctx, stop := context.WithTimeout(t.Context(), 5*time.Minute)
	defer stop()
	if out, err := exec.CommandContext(ctx, "promtool", "check", "config", filepath.Join(dir, "prometheus.yml")).CombinedOutput(); err != nil {
		t.Fatalf("promtool check config: %v\n%s", err, out)
	}
	for _, address := range targets {
		check := exec.CommandContext(ctx, "promtool", "check", "metrics")
		check.Stdin = strings.NewReader(foliocastMetrics(scrapeOf(t, address)))
		if out, err := check.CombinedOutput(); err != nil {
			t.Errorf("promtool check metrics, of %s: %v\n%s", address, err, out)
		}
	}
	address := fmt.Sprintf("127.0.0.1:%d", freePorts(t, 1)[0])
	server := exec.Command("prometheus", "--config.file="+filepath.Join(dir, "prometheus.yml"), "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+address)
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	server.Stdout, server.Stderr = log, log
	if err := child.Start(server, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	}()
	left := queries
	for ctx.Err() == nil && len(left) > 0 {
		forecast()
		var without []query
		for _, q := range left {
			if !hasData(ctx, t, address, q) {
				without = append(without, q)
			}
		}
		left = without
	}
	for _, q := range left {
		t.Errorf("%s returns no data: %s", q.name, q.expr)
	}
	if t.Failed() {
		text, _ := os.ReadFile(filepath.Join(dir, "log")) // it may be empty
		t.Logf("Prometheus: %s", text)
	}
	t.Logf("%d expressions returned data", len(queries)-len(left))
}

// foliocastMetrics leaves out the metrics of Go and of the process, whose names are not ours.
func foliocastMetrics(scrape string) string {
	var b strings.Builder
	for line := range strings.Lines(scrape) {
		if strings.Contains(line, "foliocast_") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// hasData reports whether an expression has a value now that is a number.
func hasData(ctx context.Context, t *testing.T, address string, q query) bool {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/api/v1/query?query="+url.QueryEscape(q.expr), nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false // it is starting
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return false
	}
	var answer struct {
		Error string
		Data  struct{ Result []struct{ Value [2]any } }
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return false // it is starting
	}
	if answer.Error != "" {
		t.Fatalf("%s: %s in %s", q.name, answer.Error, q.expr)
	}
	for _, r := range answer.Data.Result {
		if r.Value[1] != "NaN" {
			return true
		}
	}
	return false
}
