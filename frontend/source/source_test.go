package source

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"foliocast/frontend/client"
	"foliocast/frontend/egress"
	"foliocast/internal/problem"
)

const prices = "ticker,date,close\nDAX,2024-01-01,1\n"

// local allows servers of tests, on one address of this machine alone.
var local = egress.Policy{Settings: "FOLIOCAST_IMPORT", HTTP: true, Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}}

// serving is a server with a handler.
func serving(t *testing.T, handle http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(handle)
	t.Cleanup(s.Close)
	return s.URL
}

// fault is the one fault of a problem.
func fault(t *testing.T, err error) problem.Fault {
	t.Helper()
	p, is := errors.AsType[*problem.Problem](err)
	if !is || p.Kind() != problem.Invalid || len(p.Faults) != 1 {
		t.Fatalf("got %v, want a problem with one fault", err)
	}
	return p.Faults[0]
}

// fetch fetches all of a file.
func fetch(ctx context.Context, f *Fetcher, s client.Source) (string, *File, error) {
	file, err := f.Open(ctx, s)
	if err != nil {
		return "", nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(file)
	return string(text), file, err
}

func TestFile(t *testing.T) {
	t.Parallel()
	address := serving(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/old" {
			http.Redirect(w, r, "/new?token=second", http.StatusFound)
			return
		}
		if r.Header.Get("Referer") != "" || r.Header.Get("Accept-Encoding") != "" {
			t.Errorf("got the header %v", r.Header)
		}
		w.Header().Set("Content-Type", "text/csv")
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Content-Disposition", "attachment; filename=p.csv")
		_, _ = io.WriteString(w, prices)
	})
	text, file, err := fetch(t.Context(), New(local, nil), client.Source{URL: address + "/old?token=first"})
	if err != nil || text != prices {
		t.Fatalf("got %q, %v", text, err)
	}
	if file.Size != int64(len(prices)) || file.Type != "text/csv" || file.Encoding != "gzip" || file.Disposition != "attachment; filename=p.csv" || file.Name != "old" {
		t.Errorf("got %+v", file)
	}
}

// What a source does wrong is told with the field that names it, and never with its address, whose parameters may be a secret.
func TestFaults(t *testing.T) {
	t.Parallel()
	stop := make(chan struct{})
	t.Cleanup(func() { close(stop) })
	wait := func(r *http.Request) {
		select {
		case <-stop:
		case <-r.Context().Done():
		}
	}
	half := func(w http.ResponseWriter) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "unique_id,")
		w.(http.Flusher).Flush()
	}
	address := serving(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/hangs":
			wait(r)
		case "/pauses":
			half(w)
			wait(r)
		case "/half":
			half(w)
			panic(http.ErrAbortHandler)
		case "/metadata":
			http.Redirect(w, r, "http://169.254.169.254/latest/meta-data", http.StatusFound)
		case "/name":
			http.Redirect(w, r, "http://localhost.localdomain.invalid/", http.StatusFound)
		case "/other":
			http.Redirect(w, r, "http://127.0.0.2/", http.StatusTemporaryRedirect)
		case "/file":
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		case "/loop":
			http.Redirect(w, r, r.URL.String(), http.StatusFound)
		default:
			http.NotFound(w, r)
		}
	})
	f := New(local, nil)
	f.pause = 100 * time.Millisecond
	closed := httptest.NewServer(nil)
	closed.Close()
	for from, want := range map[string]string{
		address + "/none":      "404 Not Found",
		address + "/hangs":     "did not answer in time",
		address + "/pauses":    "paused for 100ms after 10 of 100 bytes",
		address + "/half":      "broke off after 10 of 100 bytes",
		address + "/metadata":  "redirects to an address that names 169.254.169.254, which is not a public address; the operator may allow it with FOLIOCAST_IMPORT_NETWORKS",
		address + "/name":      "a host that is not known",
		address + "/other":     "redirects to an address that names 127.0.0.2",
		address + "/file":      "redirects to an address that must be an address such as https://",
		address + "/loop":      "redirects more than 5 times",
		closed.URL + "/closed": "connection refused",
		"http://127.0.0.2/x":   "names 127.0.0.2, which is not a public address",
		"ftp://example.com/x":  "must begin with https://",
		"https://u:p@a.com/x":  "must not have a user name",
		"s3://bucket":          "such as s3://bucket/prices.csv",
		"s3://b?/key":          "such as s3://bucket/prices.csv",
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		_, _, err := fetch(ctx, f, client.Source{URL: from + "?token=secret"})
		cancel()
		if got := fault(t, err); got.Pointer != "/url" && from[:5] != "s3://" || !strings.Contains(got.Detail, want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %+v, want %q", from, got, want)
		}
	}
}

// A name is judged by what it resolves to, also behind a redirect.
func TestNamesOfPrivateAddresses(t *testing.T) {
	t.Parallel()
	var reached int
	inside := strings.Replace(serving(t, func(http.ResponseWriter, *http.Request) { reached++ }), "127.0.0.1", "localhost", 1)
	outside := serving(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, inside, http.StatusFound) })
	none := egress.Policy{Settings: "FOLIOCAST_IMPORT", HTTP: true}
	_, _, err := fetch(t.Context(), New(none, nil), client.Source{URL: inside})
	if got := fault(t, err); !strings.Contains(got.Detail, "is not a public address; the operator may allow it with FOLIOCAST_IMPORT_NETWORKS") {
		t.Errorf("got %+v", got)
	}
	_, _, err = fetch(t.Context(), New(none, nil), client.Source{URL: "s3://bucket/key", S3: &client.S3{Endpoint: inside}})
	if got := fault(t, err); got.Pointer != "/s3/endpoint" || !strings.Contains(got.Detail, "is not a public address") {
		t.Errorf("got %+v", got)
	}
	if _, _, err = fetch(t.Context(), New(local, nil), client.Source{URL: outside}); err != nil || reached != 1 {
		t.Errorf("an allowed redirect: got %v, reached %d times", err, reached)
	}
}

func TestNoHTTP(t *testing.T) {
	t.Parallel()
	_, _, err := fetch(t.Context(), New(egress.Policy{Settings: "FOLIOCAST_IMPORT"}, nil), client.Source{URL: "http://example.com/a.csv"})
	if got := fault(t, err); !strings.Contains(got.Detail, "FOLIOCAST_IMPORT_HTTP") {
		t.Errorf("got %+v", got)
	}
}

// The proxy of the environment would connect where the policy does not look.
func TestNoProxy(t *testing.T) {
	reached := false
	proxy := serving(t, func(http.ResponseWriter, *http.Request) { reached = true })
	t.Setenv("HTTP_PROXY", proxy)
	_, _, err := fetch(t.Context(), New(local, nil), client.Source{URL: "http://nobody.invalid/"})
	if fault(t, err); reached {
		t.Error("a request went to the proxy")
	}
}

func TestLabel(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://u:p@example.com:8443/a%20b.csv?X-Amz-Signature=s#f": "https://example.com:8443/a%20b.csv",
		"s3://bucket/a b?c": "s3://bucket/a b?c",
	} {
		if got := Label(address); got != want {
			t.Errorf("%s: got %s", address, got)
		}
	}
}
