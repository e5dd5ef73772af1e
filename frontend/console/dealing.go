package console

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"foliocast/internal/problem"
	"foliocast/queue/message"
)

// queueForm is the form for adding a queue: what was typed, and what is wrong with it.
type queueForm struct {
	Name, Weight, MaxLength, MaxLeased string
	Sentence                           string
	Faults                             faults
}

// queueFormOf reads the form, and the queue that it asks for. A number that cannot be read is a
// fault of the form, and 0 in the queue.
func queueFormOf(values url.Values) (queueForm, message.NewQueue) {
	f := queueForm{Name: strings.TrimSpace(values.Get("name")), Faults: faults{}}
	q := message.NewQueue{Name: f.Name}
	f.Weight, q.Weight = f.number(values, "weight", 1)
	f.MaxLength, q.MaxLength = f.number(values, "max_length", 0)
	f.MaxLeased, q.MaxLeased = f.number(values, "max_leased", 0)
	return f, q
}

// number reads a field: its text, and its number, which is 0 for an empty field.
func (f queueForm) number(values url.Values, name string, least int) (string, int) {
	text := strings.TrimSpace(values.Get(name))
	if text == "" {
		return text, 0
	}
	n, err := strconv.Atoi(text)
	switch {
	case err != nil:
		f.Faults["/"+name] = []string{"must be a whole number"}
	case n < least:
		f.Faults["/"+name] = []string{"must be at least " + strconv.Itoa(least)}
	default:
		return text, n
	}
	return text, 0
}

// addQueuePage says what would move if a queue were added, or what is wrong with the form.
type addQueuePage struct {
	Form queueForm
	message.Dealing
}

func confirmAddQueue(v *visit) error { return v.addQueue(v.g.Request.URL.Query(), true) }

func addQueue(v *visit) error { return v.addQueue(v.form, false) }

// addQueue adds the queue of a form, or says what would move. The message service sees also a
// form with faults, as a dry run: it knows who may add a queue, and all that is wrong with one.
func (v *visit) addQueue(values url.Values, dry bool) error {
	form, queue := queueFormOf(values)
	faulty := len(form.Faults) > 0
	dealing, err := v.queue().AddQueue(v.context(), queue, dry || faulty)
	status := http.StatusOK
	switch {
	case err != nil:
		p := problemOf(outsideQueue(err))
		if !ofForm(p) {
			return p
		}
		status, form.Sentence = p.Status, p.Detail
		for pointer, details := range faultsOf(p) {
			form.Faults[pointer] = append(form.Faults[pointer], details...)
		}
	case faulty:
		status, form.Sentence = http.StatusUnprocessableEntity, "the request has faults"
	case !dry:
		return v.see("/queues?done=queue-added")
	}
	return v.c.pages.show(v, status, "queueadd", "Add a queue", addQueuePage{form, dealing})
}

// removeQueuePage says what would move if a queue were removed, or why it cannot be.
type removeQueuePage struct {
	Name string
	message.Dealing
	Fault string
}

func confirmRemoveQueue(v *visit) error { return v.removeQueue(true) }

func removeQueue(v *visit) error { return v.removeQueue(false) }

// removeQueue removes a queue, or says what would move.
func (v *visit) removeQueue(dry bool) error {
	out := removeQueuePage{Name: v.g.Param("name")}
	status := http.StatusOK
	var err error
	out.Dealing, err = v.queue().RemoveQueue(v.context(), out.Name, dry)
	switch {
	case problem.Is(err, problem.Conflict):
		p := problemOf(err)
		status, out.Fault = p.Status, p.Detail
	case err != nil:
		return outsideQueue(err)
	case !dry:
		return v.see("/queues?done=removed")
	}
	return v.c.pages.show(v, status, "queueremove", "Remove "+out.Name, out)
}
