package console

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"foliocast/frontend/queuetest"
	"foliocast/internal/auth"
	"foliocast/internal/problem"
	"foliocast/queue/message"
)

// queues stands for the queues of the message service. 40 messages wait, half of which move.
type queues struct {
	mu    sync.Mutex
	names []string
	added []message.NewQueue // not by dry runs
	dead  []message.DeadLetter
}

// answer answers what is about queues, owners and dead letters.
func (q *queues) answer(w http.ResponseWriter, r *http.Request) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	dry := r.FormValue("dry_run") == "true"
	move := func(from, to string) message.Dealing {
		return message.Dealing{Dealt: 40, Moved: 20, Moves: []message.Move{{From: from, To: to, Messages: 20}}}
	}
	switch name, one := strings.CutPrefix(r.URL.Path, "/v1/queues/"); {
	case r.URL.Path == "/v1/owners":
		queuetest.Answer(w, message.Owners{})
	case r.Method == http.MethodGet && r.URL.Path == "/v1/dead":
		queuetest.Answer(w, message.DeadLetters{Dead: q.dead})
	case r.URL.Path == "/v1/dead/redrive":
		var which message.Selection
		_ = json.NewDecoder(r.Body).Decode(&which) // nonsense names none
		all := len(q.dead)
		q.dead = slices.DeleteFunc(q.dead, func(d message.DeadLetter) bool { return slices.Contains(which.IDs, d.ID) })
		queuetest.Answer(w, message.Count{Messages: all - len(q.dead)})
	case r.Method == http.MethodGet && r.URL.Path == "/v1/queues":
		var all message.Queues
		for _, name := range q.names {
			all.Queues = append(all.Queues, message.Queue{Name: name, Waiting: 20})
		}
		queuetest.Answer(w, all)
	case r.Method == http.MethodPost && r.URL.Path == "/v1/queues":
		var asked message.NewQueue
		_ = json.NewDecoder(r.Body).Decode(&asked) // nonsense has no name
		switch {
		case asked.Name == "":
			queuetest.Refuse(w, problem.New(problem.Invalid, "the request has faults", problem.Fault{Pointer: "/name", Detail: "must be 1 to 64 of a-z 0-9 _ -"}))
			return true
		case slices.Contains(q.names, asked.Name):
			queuetest.Refuse(w, problem.Newf(problem.Conflict, "there already is a queue %q", asked.Name))
			return true
		case !dry:
			q.names, q.added = append(q.names, asked.Name), append(q.added, asked)
		}
		queuetest.Answer(w, move(q.names[0], asked.Name))
	case r.Method == http.MethodDelete && one:
		if len(q.names) == 1 {
			queuetest.Refuse(w, problem.Newf(problem.Conflict, "%q is the last queue: messages need one to wait in", name))
			return true
		}
		if !dry {
			q.names = slices.DeleteFunc(q.names, func(n string) bool { return n == name })
		}
		queuetest.Answer(w, move(name, q.names[0]))
	default:
		return false
	}
	return true
}

func TestQueuesAreAddedAndRemoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	q := &queues{names: []string{"default"}}
	w.queue.Fault(q.answer)
	b := w.as(auth.Administrator)
	b.want(b.get("/queues"), http.StatusOK, "Add a queue", `href="/queues/default/remove"`)
	b.want(b.get("/queues/add?name=&weight=0&max_length=many"), http.StatusUnprocessableEntity, "must be 1 to 64", "must be at least 1", "must be a whole number", `value="many"`)
	b.want(b.get("/queues/add?name=default"), http.StatusConflict, "there already is a queue", `value="default"`)
	page := b.want(b.get("/queues/add?name=night&weight=2&max_leased=5"), http.StatusOK, "40 waiting messages", "<strong>20</strong>", `<th scope="row">default</th><td>night</td>`, "Add night")
	form := fieldsOf(page.text)
	b.want(b.post("/queues", url.Values{"name": {"night"}, "weight": {"many"}}), http.StatusUnprocessableEntity, "must be a whole number")
	if len(q.added) > 0 {
		t.Errorf("a look, or a form with faults, has added %v", q.added)
	}
	b.want(b.post("/queues", form), http.StatusSeeOther)
	if want := []message.NewQueue{{Name: "night", Weight: 2, MaxLeased: 5}}; !slices.Equal(q.added, want) {
		t.Errorf("added %v, want %v", q.added, want)
	}
	b.want(b.post("/queues", form), http.StatusConflict, "there already is a queue")
	b.want(b.get("/queues/night/remove"), http.StatusOK, "40 waiting messages", "Remove night")
	b.want(b.get("/queues"), http.StatusOK, `href="/queues/night/remove"`)
	b.want(b.post("/queues/night/remove", nil), http.StatusSeeOther)
	b.want(b.get("/queues/default/remove"), http.StatusConflict, "is the last queue")
	for _, path := range []string{"/queues", "/queues/night", "/queues/night/remove", "/dead"} {
		if got := formPage(path); got != "/queues" {
			t.Errorf("who signs in after a form to %s comes to %s", path, got)
		}
	}
}
