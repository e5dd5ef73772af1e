package auth_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"foliocast/internal/auth"
)

// counting gives a new token after each one that was refused.
type counting struct{ tokens []string }

func (c *counting) Token(context.Context) (string, error) {
	if len(c.tokens) == 0 {
		return "", errors.New("no more tokens")
	}
	return c.tokens[0], nil
}

func (c *counting) Forget(string) { c.tokens = c.tokens[1:] }

func TestClientSendsTheTokenAndForgetsARefusedOne(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer good" {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	t.Cleanup(server.Close)
	client := auth.Client(&counting{[]string{"old", "good"}})
	for _, want := range []int{401, 200, 200} {
		resp, err := client.Get(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("got %d, want %d", resp.StatusCode, want)
		}
	}
}

func TestClientWithoutTokenSendsNothing(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a request came") }))
	t.Cleanup(server.Close)
	_, err := auth.Client(&counting{}).Post(server.URL, "text/plain", strings.NewReader("x"))
	if err == nil || !strings.Contains(err.Error(), "get a token: no more tokens") {
		t.Errorf("got %v", err)
	}
}

// A token is for the service that it is sent to, not for where that points.
func TestClientSendsNoTokenToAnotherAddress(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("a request with %q came", r.Header.Get("Authorization"))
	}))
	t.Cleanup(elsewhere.Close)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		case "/near":
			http.Redirect(w, r, "/here", http.StatusTemporaryRedirect)
		default:
			if r.Header.Get("Authorization") != "Bearer good" {
				w.WriteHeader(http.StatusUnauthorized)
			}
		}
	}))
	t.Cleanup(server.Close)
	client := auth.Client(auth.Static("good"))
	if _, err := client.Get(server.URL + "/away"); err == nil || !strings.Contains(err.Error(), "points to another address") {
		t.Errorf("got %v, want that it goes no further", err)
	}
	resp, err := client.Get(server.URL + "/near")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("got %d within the service", resp.StatusCode)
	}
}
