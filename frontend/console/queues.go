package console

import (
	"net/http"
	"strconv"

	"foliocast/internal/problem"
	"foliocast/queue/message"
)

// queuesPage shows the queues, whose messages wait in them, and the dead letters.
type queuesPage struct {
	message.Queues
	Form   queueForm // empty
	Owners []message.Owner
	Dead   []message.DeadLetter
	Next   string
	Fault  string // why the message service says nothing
}

// deadPerPage is how many dead letters a page lists.
const deadPerPage = 50

func showQueues(v *visit) error {
	ctx, queue := v.context(), v.queue()
	var out queuesPage
	var err error
	if out.Queues, err = queue.Queues(ctx); err == nil {
		out.Owners, err = queue.Owners(ctx, "", 50)
	}
	if err == nil {
		out.Dead, err = queue.Dead(ctx, message.Position(countOf(v.g.Query("after"))), deadPerPage)
	}
	status := http.StatusOK
	if err != nil {
		p := problemOf(outsideQueue(err))
		if p.Status < http.StatusInternalServerError {
			return p
		}
		status, out.Fault = p.Status, p.Detail
	}
	if len(out.Dead) == deadPerPage {
		out.Next = "/queues?after=" + strconv.FormatInt(int64(out.Dead[deadPerPage-1].Position), 10) + "#dead"
	}
	return v.c.pages.show(v, status, "queues", "Queues", out)
}

// outsideQueue makes a problem of the silence of the message service.
func outsideQueue(err error) error {
	if p := problem.Answered(err); p != nil {
		return p
	}
	if p := problemOf(err); p.Status == http.StatusUnauthorized || p.Status == http.StatusForbidden {
		return p
	}
	return problem.New(problem.Unavailable, "the message service does not answer: jobs are kept, and go on when it is back").Because(err)
}

// changeQueue pauses or resumes a queue.
func changeQueue(v *visit) error {
	var err error
	name := v.g.Param("name")
	switch v.form.Get("action") {
	case "pause":
		_, err = v.queue().PauseQueue(v.context(), name)
	case "resume":
		_, err = v.queue().ResumeQueue(v.context(), name)
	default:
		return problem.New(problem.Invalid, "a queue can be paused or resumed")
	}
	if err != nil {
		return outsideQueue(err)
	}
	return v.see("/queues?done=changed")
}

// changeDead requeues or purges the chosen dead letters.
func changeDead(v *visit) error {
	which := message.Selection{}
	for _, id := range v.form["id"] {
		which.IDs = append(which.IDs, message.ID(id))
	}
	if len(which.IDs) == 0 {
		return problem.New(problem.Invalid, "choose at least one dead letter")
	}
	var err error
	switch v.form.Get("action") {
	case "redrive":
		_, err = v.queue().Redrive(v.context(), which)
	case "purge":
		_, err = v.queue().Purge(v.context(), which)
	default:
		return problem.New(problem.Invalid, "dead letters can be redriven or purged")
	}
	if err != nil {
		return outsideQueue(err)
	}
	return v.see("/queues?done=changed")
}
