package client_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"foliocast/internal/auth"
	"foliocast/queue/client"
)

// A service from before has other names for its lists than items.
func TestListsOfAServiceFromBefore(t *testing.T) {
	t.Parallel()
	lists := map[string][2]string{"/v1/queues": {"queues", `{"name":"q"}`}, "/v1/owners": {"owners", `{"owner":"o"}`}, "/v1/workers": {"workers", `{"id":7}`}, "/v1/dead": {"dead", `{"id":"d"}`}}
	for _, now := range []bool{false, true} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			list := lists[r.URL.Path]
			if now {
				list[0] = "items"
			}
			fmt.Fprintf(w, "{%q:[%s]}", list[0], list[1])
		}))
		t.Cleanup(server.Close)
		c := client.New(server.URL, nil, auth.Static("t"))
		queues, err1 := c.Queues(t.Context())
		owners, err2 := c.Owners(t.Context(), "", 10)
		workers, err3 := c.Workers(t.Context(), 0, 10)
		dead, err4 := c.Dead(t.Context(), 0, 10)
		if err1 != nil || err2 != nil || err3 != nil || err4 != nil {
			t.Fatal(err1, err2, err3, err4)
		}
		if len(queues.Queues) != 1 || queues.Queues[0].Name != "q" || len(owners) != 1 || owners[0].Name != "o" || len(workers.Workers) != 1 || workers.Workers[0].ID != 7 || len(dead) != 1 || dead[0].ID != "d" {
			t.Errorf("items %t: got %+v, %+v, %+v, %+v", now, queues, owners, workers, dead)
		}
	}
}
