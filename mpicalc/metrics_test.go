package main

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// scrape asks for metrics, and returns the status and the text.
func scrape(t *testing.T, method, address, authorization string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", authorization)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

func TestMetricsOfRankZero(t *testing.T) {
	t.Parallel()
	const token = "sixteen letters!"
	c := Config{Metrics: "127.0.0.1:0", MetricsToken: token}
	registry, address, quit, err := c.serveMetrics()
	if err != nil || registry == nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, method, path, authorization string
		want                              int
	}{
		{"the token", "GET", "/metrics", "bearer " + token, http.StatusOK},
		{"no token", "GET", "/metrics", "", http.StatusUnauthorized},
		{"another token", "GET", "/metrics", "Bearer " + token + "?", http.StatusUnauthorized},
		{"another scheme", "GET", "/metrics", "Basic " + token, http.StatusUnauthorized},
		{"another method", "POST", "/metrics", "Bearer " + token, http.StatusMethodNotAllowed},
		{"another path", "GET", "/debug/pprof/", "Bearer " + token, http.StatusNotFound},
	} {
		status, text := scrape(t, c.method, "http://"+address+c.path, c.authorization)
		if status != c.want {
			t.Errorf("%s: got %d %s, want %d", c.name, status, text, c.want)
		}
		if status == http.StatusOK && !strings.Contains(text, `foliocast_build_info{goversion=`) {
			t.Errorf("got %.500s", text)
		}
	}
	second := Config{Metrics: address, MetricsToken: token}
	if _, _, _, err := second.serveMetrics(); err == nil || !strings.Contains(err.Error(), "FOLIOCAST_METRICS_LISTEN") {
		t.Errorf("an address in use: got %v", err)
	}
	quit()
}

func TestMetricsNeedAToken(t *testing.T) {
	t.Parallel()
	for token, refused := range map[string]bool{"": true, "fifteen letters": true, "sixteen letters!": false} {
		c := Config{AuthURL: "http://a", QueueURL: "http://a", FrontendURL: "http://a", ClientID: "a", ClientSecret: "b", Metrics: "127.0.0.1:0", MetricsToken: token, StuckAfter: 1e9}
		if err := c.Validate(); (err != nil) != refused {
			t.Errorf("%q: got %v", token, err)
		}
	}
}
