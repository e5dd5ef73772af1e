package source

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/rclone/gofakes3"
	"github.com/rclone/gofakes3/s3mem"

	"foliocast/frontend/client"
)

// objectStore is an object store that checks signatures, with objects in the bucket prices.
func objectStore(t *testing.T, keys ...string) string {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket(t.Context(), "prices"); err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		if _, err := backend.PutObject(t.Context(), "prices", key, map[string]string{"Content-Type": "text/csv"}, bytes.NewReader([]byte(prices)), int64(len(prices))); err != nil {
			t.Fatal(err)
		}
	}
	server := httptest.NewServer(gofakes3.New(backend, gofakes3.WithV4Auth(map[string]string{"reader": "right/secret+"})).Server())
	t.Cleanup(server.Close)
	return server.URL
}

func TestObject(t *testing.T) {
	t.Parallel()
	keys := []string{"a.csv", "2024/01/a b.csv", "ü+=~'()!*$&,;:@.csv", "a?b#c%20.csv", "a//b.csv"}
	access := client.S3{Endpoint: objectStore(t, keys...), AccessKeyID: "reader", SecretAccessKey: "right/secret+"}
	f := New(local, nil)
	for _, key := range keys {
		text, file, err := fetch(t.Context(), f, client.Source{URL: "s3://prices/" + key, S3: &access})
		if err != nil || text != prices || file.Type != "text/csv" || file.Size != int64(len(prices)) {
			t.Errorf("%s: got %q, %+v, %v", key, text, file, err)
		}
	}
	for name, c := range map[string]struct {
		url, pointer, want string
		change             func(*client.S3)
	}{
		"no object":      {"s3://prices/b.csv", "/url", "names an object that the bucket does not have", func(*client.S3) {}},
		"no bucket":      {"s3://other/a.csv", "/url", "names a bucket that the store does not have", func(*client.S3) {}},
		"wrong id":       {"s3://prices/a.csv", "/s3/access_key_id", "is not known to the store", func(a *client.S3) { a.AccessKeyID = "writer" }},
		"wrong secret":   {"s3://prices/a.csv", "/s3/secret_access_key", "does not belong to the key's id", func(a *client.S3) { a.SecretAccessKey = "wrong" }},
		"no key":         {"s3://prices/a.csv", "/s3", "has no key that may read the object", func(a *client.S3) { a.AccessKeyID, a.SecretAccessKey = "", "" }},
		"no secret":      {"s3://prices/a.csv", "/s3/secret_access_key", "is missing", func(a *client.S3) { a.SecretAccessKey = "" }},
		"no id":          {"s3://prices/a.csv", "/s3/access_key_id", "is missing", func(a *client.S3) { a.AccessKeyID = "" }},
		"a token alone":  {"s3://prices/a.csv", "/s3/session_token", "only goes with a key", func(a *client.S3) { *a = client.S3{Endpoint: a.Endpoint, SessionToken: "t"} }},
		"a path":         {"s3://prices/a.csv", "/s3/endpoint", "without a path", func(a *client.S3) { a.Endpoint += "/v1" }},
		"a bad endpoint": {"s3://prices/a.csv", "/s3/endpoint", "must begin with https://", func(a *client.S3) { a.Endpoint = "ftp://s3.example.com" }},
		"a bad region":   {"s3://prices/a.csv", "/s3/region", "such as eu-central-1", func(a *client.S3) { a.Region = "evil.example/" }},
		"not an object":  {"https://example.com/a.csv", "/s3", "only goes with an address that begins with s3://", func(*client.S3) {}},
	} {
		other := access
		c.change(&other)
		_, _, err := fetch(t.Context(), f, client.Source{URL: c.url, S3: &other})
		if got := fault(t, err); got.Pointer != c.pointer || !strings.Contains(got.Detail, c.want) || strings.Contains(err.Error(), "right/secret") {
			t.Errorf("%s: got %+v, want %s %q", name, got, c.pointer, c.want)
		}
	}
}

// Expected: the answers of Amazon S3, https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html and API_HeadBucket.html.
func TestAnswersOfStores(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status        int
		region, body  string
		pointer, want string
	}{
		"another region": {301, "eu-central-1", "<Error><Code>PermanentRedirect</Code></Error>", "/s3/region", "must be eu-central-1"},
		"signed for another": {400, "", "<?xml version=\"1.0\"?><Error><Code>AuthorizationHeaderMalformed</Code><Message>m</Message><Region>eu-west-1</Region></Error>",
			"/s3/region", "must be eu-west-1"},
		"a hostile region": {301, "\"><script>", "<Error><Code>PermanentRedirect</Code></Error>", "/s3/region", "must be the one in which the bucket is"},
		"expired":          {400, "", "<Error><Code>ExpiredToken</Code></Error>", "/s3/session_token", "has expired"},
		"denied":           {403, "", "<Error><Code>AccessDenied</Code></Error>", "/s3", "has no key that may read the object"},
		"busy":             {503, "", "<Error><Code>SlowDown</Code></Error>", "/url", "503 Service Unavailable, SlowDown"},
		"nonsense":         {418, "", "<Error><Code>&lt;b&gt;", "/url", "answered 418 I'm a teapot"},
		"no store":         {302, "", "", "/url", "302 Found, and redirects of a store are not followed"},
	} {
		endpoint := serving(t, func(w http.ResponseWriter, r *http.Request) {
			if c.region != "" {
				w.Header().Set("X-Amz-Bucket-Region", c.region)
			}
			w.Header().Set("Location", "http://169.254.169.254/")
			w.WriteHeader(c.status)
			_, _ = io.WriteString(w, c.body)
		})
		_, _, err := fetch(t.Context(), New(local, nil), client.Source{URL: "s3://prices/a.csv", S3: &client.S3{Endpoint: endpoint}})
		if got := fault(t, err); got.Pointer != c.pointer || !strings.Contains(got.Detail, c.want) {
			t.Errorf("%s: got %+v, want %s %q", name, got, c.pointer, c.want)
		}
	}
}

// Expected: https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html.
func TestAddressesOfAmazon(t *testing.T) {
	t.Parallel()
	for from, want := range map[string]string{
		"s3://prices/a b.csv":     "https://prices.s3.eu-central-1.amazonaws.com/a%20b.csv",
		"s3://prices.2024/x/a.gz": "https://s3.eu-central-1.amazonaws.com/prices.2024/x/a.gz",
	} {
		u, _, err := New(local, nil).objectAddress(from, client.S3{Region: "eu-central-1"})
		if err != nil || u.String() != want {
			t.Errorf("%s: got %v, %v", from, u, err)
		}
	}
}
