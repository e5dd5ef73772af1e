package e2e

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	asJSON    = "application/json"
	asForm    = "application/x-www-form-urlencoded"
	asCSV     = "text/csv"
	asParquet = "application/vnd.apache.parquet"
	asArrow   = "application/vnd.apache.arrow.file"
)

// attacks are what the crowd does, strangers' acts first.
func (c *crowd) attacks() []attack {
	all := c.halfOpen()
	all = append(all, c.strange()...)
	for _, name := range slices.Sorted(maps.Keys(c.arms.bodies)) {
		body := c.arms.bodies[name]
		all = append(all, attack{"body: " + name, func(ctx context.Context, h *hostile, name string) {
			for _, to := range []struct{ role, service, method, path string }{
				{"manager", "frontend", "POST", "/v1/jobs"},
				{"administrator", "queue", "POST", "/v1/dead/purge"},
				{"", "authsvc", "POST", "/v1/login"},
				{"manager", "queue", "POST", "/v1/messages"},
				{"administrator", "authsvc", "POST", "/v1/users"},
			} {
				h.send(ctx, name, to.role, to.service, to.method, to.path, asJSON, strings.NewReader(body))
			}
		}})
	}
	for _, u := range c.arms.uploads {
		all = append(all, attack{"upload: " + u.name, func(ctx context.Context, h *hostile, name string) {
			path := fmt.Sprintf("/v1/datasets/abuse-%d", h.number)
			h.send(ctx, name, "secretary", "frontend", "POST", path, u.media, strings.NewReader(u.file))
		}})
	}
	return append(all, c.asked()...)
}

// halfOpen are requests that do not end, and answers that nobody reads.
func (c *crowd) halfOpen() []attack {
	hold := func(text func(token string) string) func(context.Context, *hostile, string) {
		return func(ctx context.Context, h *hostile, name string) {
			for service := range h.services {
				h.hold(ctx, name, service, text(h.token("manager")))
			}
		}
	}
	return []attack{
		{"no body", hold(func(string) string { return "POST /nope HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n" })},
		{"no body of a login", hold(func(string) string {
			return "POST /v1/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
		})},
		{"no body of a job", hold(func(token string) string {
			return "POST /v1/jobs HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + token + "\r\nContent-Type: application/json\r\nContent-Length: 4000000\r\n\r\n{"
		})},
		{"no end of the headers", hold(func(string) string { return "GET /healthz HTTP/1.1\r\nHost: a\r\nX-More: " })},
		{"nothing", hold(func(string) string { return "" })},
		{"no HTTP", hold(func(string) string { return "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" })},
		{"answers unread", hold(func(string) string { return strings.Repeat("GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n", 100) })},
		{"half an upload", func(ctx context.Context, h *hostile, name string) {
			head := fmt.Sprintf("POST /v1/datasets/half HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\nContent-Type: text/csv\r\nContent-Length: 200000000\r\n\r\n", h.token("secretary"))
			h.hold(ctx, name, "frontend", head+h.arms.half)
		}},
		{"a body in drops", func(ctx context.Context, h *hostile, name string) {
			ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
			defer cancel()
			h.send(ctx, name, "manager", "frontend", "POST", "/v1/jobs", asJSON, &drops{ctx})
		}},
		{"a body without end", func(ctx context.Context, h *hostile, name string) {
			h.send(ctx, name, "manager", "frontend", "POST", "/v1/jobs", asJSON, spaces{})
			h.send(ctx, name, "", "authsvc", "POST", "/v1/token", asForm, spaces{})
			h.send(ctx, name, "administrator", "queue", "POST", "/v1/queues", asJSON, spaces{})
		}},
	}
}

// strange are whole requests without a valid token.
func (c *crowd) strange() []attack {
	everywhere := func(method, path string, change func(*http.Request)) func(context.Context, *hostile, string) {
		return func(ctx context.Context, h *hostile, name string) {
			for _, service := range h.services {
				req, err := http.NewRequestWithContext(ctx, method, service+path, http.NoBody)
				if err != nil {
					h.note(name, "not sent", err.Error())
					return
				}
				change(req)
				h.do(name, req)
			}
		}
	}
	as := func(token string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
	}
	none := func(*http.Request) {}
	head, payload, _ := strings.Cut(c.tokens["administrator"][0], ".")
	payload, _, _ = strings.Cut(payload, ".")
	return []attack{
		{"a long method", everywhere(strings.Repeat("M", 10_000), "/", none)},
		{"a long path", everywhere("GET", "/v1/"+strings.Repeat("a/", 20_000), none)},
		{"large headers", everywhere("GET", "/healthz", func(r *http.Request) { r.Header.Set("X-Large", strings.Repeat("x", 200_000)) })},
		{"metrics", everywhere("GET", "/metrics", none)},
		{"readiness", everywhere("GET", "/readyz", none)},
		{"a large token", everywhere("GET", "/v1/jobs", as(strings.Repeat("a.", 30_000)))},
		{"a forged token", everywhere("GET", "/v1/queues", as(head+"."+payload+"."+strings.Repeat("A", 86)))},
		{"an unsigned token", everywhere("GET", "/v1/users", as("eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0."+payload+"."))},
		{"wrong passwords", func(ctx context.Context, h *hostile, name string) {
			for _, who := range []string{"admin", "olga", fmt.Sprint("nobody", rand.Uint64())} {
				body := fmt.Sprintf(`{"username":%q,"password":"wrong horse battery"}`, who)
				h.send(ctx, name, "", "authsvc", "POST", "/v1/login", asJSON, strings.NewReader(body))
			}
		}},
		{"wrong secrets", func(ctx context.Context, h *hostile, name string) {
			form := "grant_type=client_credentials&client_id=mpicalc&client_secret=" + strings.Repeat("s", 1+rand.IntN(3000))
			h.send(ctx, name, "", "authsvc", "POST", "/v1/token", asForm, strings.NewReader(form))
		}},
		{"a form of many fields", func(ctx context.Context, h *hostile, name string) {
			h.send(ctx, name, "", "authsvc", "POST", "/v1/token", asForm, strings.NewReader(strings.Repeat("a=b&", 250_000)))
		}},
	}
}

// asked are requests of users for what is there, and for what is not.
func (c *crowd) asked() []attack {
	get := func(role, service string, paths ...string) func(context.Context, *hostile, string) {
		return func(ctx context.Context, h *hostile, name string) {
			for _, path := range paths {
				h.send(ctx, name, role, service, "GET", path, "", http.NoBody)
			}
		}
	}
	return []attack{
		{"lists", get("manager", "frontend", "/v1/jobs?limit=1000", "/v1/datasets?limit=1000", "/v1/datasets/noise/assets?limit=10000")},
		{"odd paths", get("manager", "frontend", "/v1/jobs/%00", "/v1/jobs?owner=%c3%28", "/v1/jobs?cursor="+strings.Repeat("A", 8000), "/v1/datasets/%2e%2e%2fetc",
			"/v1/datasets/noise/versions/99999999999999999999", "/v1/datasets/noise/assets?offset=2147483647")},
		{"odd paths of the queue", get("administrator", "queue", "/v1/messages/key:%ff", "/v1/messages/key:%00", "/v1/queues?limit=-1", "/v1/dead?after=%00", "/v1/results?after=-1")},
		{"odd paths of identity", get("administrator", "authsvc", "/v1/users/%00", "/v1/users?after=%ff", "/v1/users?limit=1000", "/v1/keys/..")},
	}
}

// spaces is a body without end, every byte of which is allowed.
type spaces struct{}

func (spaces) Read(into []byte) (int, error) {
	for i := range into {
		into[i] = ' '
	}
	return len(into), nil
}

// drops is a body of one byte every tenth of a second.
type drops struct{ ctx context.Context }

func (d *drops) Read(into []byte) (int, error) {
	select {
	case <-d.ctx.Done():
		return 0, io.ErrUnexpectedEOF
	case <-time.After(100 * time.Millisecond):
		into[0] = ' '
		return 1, nil
	}
}
