package foliocast

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"foliocast/queue/message"
)

func TestQueueCommands(t *testing.T) {
	t.Parallel()
	night := message.Queue{Name: "night", Paused: true, MaxLength: 1000, Share: message.Share{Weight: 3, MaxLeased: 50}, Waiting: 12, Leased: 3, OldestAge: 3725.4}
	dealt := message.Dealing{Dealt: 12, Moved: 4, Moves: []message.Move{{From: "default", To: "night", Messages: 4}}}
	s := newScript(t, map[string]http.HandlerFunc{
		"GET /v1/queues": answer(http.StatusOK, message.Queues{Queues: []message.Queue{{Name: "default", Share: message.Share{Weight: 1}, OldestAge: 0.26}, night},
			Dealing: &message.Progress{Dealt: 3, Waiting: 12}}),
		"POST /v1/queues":              gets(t, `{"name":"night","max_length":1000,"weight":3}`, dealt),
		"DELETE /v1/queues/night":      answer(http.StatusOK, dealt),
		"DELETE /v1/queues/large":      answer(http.StatusOK, message.Dealing{Dealt: 1000000, Moved: 500000, UnderWay: true}),
		"POST /v1/queues/night/pause":  answer(http.StatusOK, night),
		"POST /v1/queues/night/resume": answer(http.StatusOK, message.Queue{Name: "night"}),
		"PUT /v1/queues/night/limit":   answer(http.StatusOK, night),
		"PATCH /v1/queues/night":       gets(t, `{"max_leased":50}`, night),
		"POST /v1/dead/purge":          answer(http.StatusOK, message.Count{Messages: 5}),
		"POST /v1/dead/redrive":        answer(http.StatusOK, message.Count{Messages: 2}),
	})
	p := newPerson(t, s)
	p.signIn()
	p.types("", "queue", "list").check(t, exitOK, "QUEUE    STATE   WAITING  LEASED  OLDEST  LIMIT  WEIGHT  MAXIMUM\n"+
		"default  active        0       0   260ms   none       1     none\n"+
		"night    paused       12       3  1h2m5s   1000       3       50\n3 of about 12 waiting messages have been dealt out again, since ", "")
	p.types("", "queue", "add", "night", "--limit", "1000", "--weight", "3").check(t, exitOK,
		"added night\n12 waiting messages dealt out, 4 to another queue\n  4 from default to night\n", "")
	p.types("", "queue", "remove", "night", "--dry-run").check(t, exitOK, "night is not removed: this is what would move\n", "")
	p.types("", "queue", "remove", "large").check(t, exitOK, "removed large\n1000000 waiting messages are being dealt out (see queue list), 500000 to another queue\n", "")
	p.types("", "queue", "pause", "night").check(t, exitOK, "paused", "")
	p.types("", "queue", "resume", "night").check(t, exitOK, "active", "")
	p.types("", "queue", "limit", "night", "1000").check(t, exitOK, "1000", "")
	p.types("", "queue", "set", "night", "--max-leased", "50").check(t, exitOK, "night  paused", "")
	p.types("", "queue", "limit", "nowhere", "1000").check(t, exitNotFound, "", "there is no")
	p.types("", "queue", "redrive", "--all").check(t, exitOK, "requeued 2 messages", "")
	p.types("", "queue", "redrive", "--error", "no space", "--newer-than", "2h").check(t, exitOK, "requeued 2 messages", "")
	p.types("", "queue", "purge", "--key", "0198").check(t, exitOK, "purged 5 messages", "")
	p.types("", "queue", "redrive").check(t, exitUsage, "", "name the messages, or choose them by")
	p.types("", "queue", "redrive", "--all", "--key", "0198").check(t, exitUsage, "", "name the messages, or choose them by")
	p.types("", "queue", "list", "--json").check(t, exitOK, `"oldest_age_seconds": 0.26`, "")
}

// gets answers a request that has the body.
func gets(t *testing.T, body string, with any) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		got, err := io.ReadAll(r.Body)
		if err != nil || string(bytes.TrimSpace(got)) != body {
			t.Errorf("%s %s: got %s, %v, want %s", r.Method, r.URL, got, err, body)
		}
		answer(http.StatusOK, with)(w, r)
	}
}

// Dead letters come in pages; the last is not full.
func TestDeadLettersOfEveryPage(t *testing.T) {
	t.Parallel()
	s := newScript(t, map[string]http.HandlerFunc{
		"GET /v1/dead": func(w http.ResponseWriter, r *http.Request) {
			first, n := 1, deadPage
			if after := r.URL.Query().Get("after"); after != "0" {
				if after != fmt.Sprint(deadPage) {
					t.Errorf("the second page is asked for after %s", after)
				}
				first, n = deadPage+1, 2
			}
			var page message.DeadLetters
			for i := range n {
				page.Dead = append(page.Dead, message.DeadLetter{Position: message.Position(first + i),
					ID: message.ID(fmt.Sprintf("m%d", first+i)), Key: "k", Attempts: 3, Error: "the world ended"})
			}
			answer(http.StatusOK, page)(w, r)
		},
	})
	p := newPerson(t, s)
	p.signIn()
	r := p.types("", "queue", "dead")
	r.check(t, exitOK, "the world ended", "")
	if n := strings.Count(r.out, "\n"); n != 1+deadPage+2 {
		t.Errorf("%d lines, want a header and %d", n, deadPage+2)
	}
}
