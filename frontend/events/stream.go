package events

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"foliocast/frontend/store"
	"foliocast/internal/job"
)

const (
	// beat is how often a stream says that it is alive, when nothing else does.
	beat = 15 * time.Second
	// retry is after how long a browser connects again.
	retry = 2 * time.Second
	// pageOf is how many events a stream that is behind reads at once. It holds no more in memory.
	pageOf = 200
)

// Reset is the data of an event that says that a stream does not go on where its reader was.
type Reset struct {
	Detail string `json:"detail"`
	After  int64  `json:"after" doc:"The position after which it goes on"`
}

// ResetName is the name of the event that carries a Reset. All others have none.
const ResetName = "reset"

// Stream is one reader of the log.
type Stream struct {
	hub    *Hub
	filter store.EventFilter
	page   store.EventPage // read and not written yet
	reset  *Reset
	at     int64 // up to where everything was written
	told   int64 // the last position that the reader knows
	over   bool  // the job of the filter has ended, as far as was written
	beat   time.Duration
}

// Start is where a stream begins.
type Start struct {
	After int64 // the last position that the reader has seen
	Named bool  // the reader has named it; without that, what was forgotten is no gap
	Ended bool  // the job of the filter has ended
}

// End is the position at which the log ends.
func (h *Hub) End(ctx context.Context) (int64, error) {
	page, err := h.store.Events(ctx, 0, store.EventFilter{}, 1)
	return page.Last, err
}

// Open opens a stream of the events that a filter chooses. A stream of one job ends with it.
func (h *Hub) Open(ctx context.Context, start Start, filter store.EventFilter) (*Stream, error) {
	s := &Stream{hub: h, filter: filter, at: start.After, told: -1, over: start.Ended, beat: beat}
	if start.Ended {
		// Its end may not be numbered yet, and the stream has to have it.
		if err := h.number(ctx); err != nil {
			return nil, err
		}
		h.tell()
	}
	if err := s.read(ctx, start.Named); err != nil {
		return nil, err
	}
	return s, nil
}

// Empty reports whether the stream has nothing to say, and never will.
func (s *Stream) Empty() bool {
	return s.ended() && len(s.page.Events) == 0 && s.reset == nil
}

// ended reports whether the stream is of a job that has ended and says no more.
func (s *Stream) ended() bool { return s.filter.Job != "" && s.over }

// read reads a page of the log behind what was written.
func (s *Stream) read(ctx context.Context, named bool) error {
	page, err := s.hub.store.Events(ctx, s.at, s.filter, pageOf)
	if err != nil {
		return err
	}
	if s.at > page.Last {
		s.reset = &Reset{fmt.Sprintf("event %d is not on record: the last one is %d. The database is another, or was restored from a backup: read again what you follow", s.at, page.Last), page.Last}
		s.at, s.page = page.Last, store.EventPage{Next: page.Last, EventLog: page.EventLog}
		return nil
	}
	if named && s.at < page.Forgotten {
		s.reset = &Reset{fmt.Sprintf("the events up to %d are not kept any more: read again what you follow", page.Forgotten), page.Forgotten}
	}
	s.page = page
	return nil
}

// Flusher is where a stream writes to. An error of writing comes with the next write, or ends the context.
type Flusher interface {
	io.Writer
	Flush()
}

// Write writes the stream to w until it ends, until ctx does, or until closing is closed.
func (s *Stream) Write(ctx context.Context, w Flusher, closing <-chan struct{}) error {
	lost := s.hub.replaced()
	if _, err := fmt.Fprintf(w, "retry: %d\n", retry.Milliseconds()); err != nil {
		return err
	}
	if err := s.backlog(ctx, w); err != nil {
		return err
	}
	alive := time.NewTicker(s.beat)
	defer alive.Stop()
	for !s.ended() {
		n := s.hub.after(s.at)
		if !n.whole {
			if err := s.read(ctx, true); err != nil {
				return err
			}
			if err := s.backlog(ctx, w); err != nil {
				return err
			}
			continue
		}
		if wrote, err := s.live(w, n); err != nil || s.ended() {
			return err
		} else if wrote {
			alive.Reset(s.beat)
			continue // there may be more already
		}
		select {
		case <-n.next:
		case <-alive.C:
			if err := s.say(w, ":\n"); err != nil {
				return err
			}
		case <-lost:
			return nil
		case <-ctx.Done():
			return nil
		case <-closing:
			return nil
		}
	}
	return nil
}

// backlog writes the page that was read, and those that follow it, up to the end of the log.
func (s *Stream) backlog(ctx context.Context, w Flusher) error {
	for {
		if s.reset != nil {
			if err := s.writeReset(w); err != nil {
				return err
			}
		}
		for i := range s.page.Events {
			f, err := framed(s.page.Events[i])
			if err != nil {
				return err
			}
			if err := s.write(w, f); err != nil {
				return err
			}
		}
		s.at = s.page.Next
		s.page.Events = nil
		if err := s.say(w, ""); err != nil || s.at >= s.page.Last {
			return err
		}
		if err := s.read(ctx, true); err != nil {
			return err
		}
	}
}

func (s *Stream) writeReset(w Flusher) error {
	data, err := json.Marshal(s.reset)
	if err != nil {
		return fmt.Errorf("encode a reset: %w", err)
	}
	s.told = s.reset.After
	_, err = fmt.Fprintf(w, "event: %s\nid: %d\ndata: %s\n\n", ResetName, s.reset.After, data)
	s.reset = nil
	return err
}

// live writes what the hub has, and reports whether it was anything.
func (s *Stream) live(w Flusher, n news) (wrote bool, err error) {
	for i := range n.frames {
		if !s.filter.Match(&n.frames[i].LogEvent) {
			continue
		}
		wrote = true
		if err := s.write(w, n.frames[i]); err != nil {
			return wrote, err
		}
	}
	s.at = n.end
	if wrote {
		w.Flush()
	}
	return wrote, nil
}

// write writes an event.
func (s *Stream) write(w io.Writer, f frame) error {
	s.told = f.ID
	if f.Type.State() != "" || f.Type == job.EventRemoved {
		s.over = f.Ends()
	}
	_, err := w.Write(f.text)
	return err
}

// say writes a comment, and the position if the reader does not know it: one that goes on
// from there need not have read again what its filter leaves out.
func (s *Stream) say(w Flusher, comment string) error {
	text := comment
	if s.told != s.at {
		s.told = s.at
		text += fmt.Sprintf("id: %d\n", s.at)
	}
	if _, err := io.WriteString(w, text+"\n"); err != nil {
		return err
	}
	w.Flush()
	return nil
}
