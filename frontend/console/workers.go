package console

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/elnormous/contenttype"

	"foliocast/internal/auth"
	"foliocast/internal/problem"
	"foliocast/internal/serve"
	"foliocast/queue/message"
)

// workersPage shows the worlds, and what each of their ranks does.
type workersPage struct {
	Worlds  []worldView
	Others  []message.Holder
	Ranks   int
	Busy    int // ranks that have something to do, of those that are listed
	Jobs    bool
	Next    string
	Fault   string // why the message service says nothing
	Live    bool
	Version int
}

func showWorkers(v *visit) error {
	after := countOf(v.g.Query("after"))
	var seen sight
	var err error
	if after == 0 {
		seen, err = v.c.worlds.look(v)
	} else {
		seen, err = furtherWorlds(v, int64(after))
	}
	if err != nil {
		return err
	}
	out := workersPage{Others: seen.Others, Jobs: v.may(auth.JobsRead), Live: after == 0, Version: seen.version}
	status := http.StatusOK
	if seen.fault != nil {
		status, out.Fault = seen.fault.Status, seen.fault.Detail
	}
	for _, w := range seen.Workers.Workers {
		view := viewOf(w)
		out.Ranks += w.RankCount
		out.Busy += view.Working
		out.Worlds = append(out.Worlds, view)
	}
	if seen.Next > 0 {
		out.Next = "/workers?after=" + strconv.FormatInt(seen.Next, 10)
	}
	return v.c.pages.show(v, status, "workers", "Workers", out)
}

// furtherWorlds are those behind the first page.
func furtherWorlds(v *visit, after int64) (sight, error) {
	all, err := v.queue().Workers(v.context(), after, worldsPerPage)
	if err == nil {
		return sight{Workers: all}, nil
	}
	p := problemOf(outsideWorkers(err))
	if p.Status >= http.StatusInternalServerError {
		return sight{fault: p}, nil
	}
	return sight{}, p
}

// Streams of the worlds that may be open at once, of all users together and of one.
const (
	mostStreams = 1000
	mostOfUser  = 50
)

// followWorkers is a stream of Server-Sent Events, one whenever the page of the worlds has something new. It ends with the session.
func followWorkers(v *visit) error {
	seen, err := v.c.worlds.look(v)
	if err != nil {
		return err
	}
	stream := []contenttype.MediaType{contenttype.NewMediaType("text/event-stream")}
	if chosen, _, err := contenttype.GetAcceptableMediaType(v.g.Request, stream); err != nil || !chosen.Equal(stream[0]) || wantsPage(v.g.Request) {
		return problem.New(problem.NotAcceptable, "this is a stream of events: ask for text/event-stream")
	}
	end, refused := v.c.streams.Begin(v.who.Subject, mostOfUser, mostStreams)
	if refused != "" {
		return problem.New(refused, "too many pages follow the workers: close some").RetryAfter(5 * time.Second)
	}
	defer end()
	header := v.g.Writer.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("X-Accel-Buffering", "no") // for proxies that would wait for more
	v.g.Writer.WriteHeader(http.StatusOK)
	if v.g.Request.Method == http.MethodHead {
		return nil
	}
	v.stream(seen, int(countOf(v.g.Query("version"))))
	return nil
}

// stream writes the versions that come after the one that the page has, until the browser leaves, its session ends, or the
// service stops.
func (v *visit) stream(seen sight, told int) {
	const alive = 5 // every so many looks something is written, so that a browser that is gone is noticed
	text := "retry: 2000\n\n"
	tick := time.NewTicker(v.c.worlds.every)
	defer tick.Stop()
	for n := 1; ; n++ {
		switch {
		case seen.version != told:
			told = seen.version
			text += fmt.Sprintf("data: {\"version\":%d}\n\n", told)
		case n%alive == 0:
			text += ":\n\n"
		}
		if text != "" {
			if _, err := io.WriteString(v.g.Writer, text); err != nil {
				return
			}
			v.g.Writer.Flush()
			text = ""
		}
		select {
		case <-tick.C:
		case <-v.context().Done():
			return
		case <-serve.Draining(v.context()):
			return
		}
		var err error
		if seen, err = v.c.worlds.look(v); err != nil {
			return
		}
	}
}
