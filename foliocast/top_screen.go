package foliocast

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"foliocast/internal/texttable"
	"foliocast/queue/message"
)

// What a terminal is told before and after: to show another screen and to hide the cursor, and to undo both.
const (
	openScreen  = "\x1b[?1049h\x1b[?25l"
	closeScreen = "\x1b[?25h\x1b[?1049l"
)

// screen is what a terminal of a size is told to show lines in place of what it shows. Lines that are too long are cut, and of
// too many the last says how many are left out.
func screen(lines []string, width, height int) string {
	if height < 2 {
		height = 2
	}
	if hidden := len(lines) - height + 1; len(lines) > height {
		lines = append(lines[:height-1:height-1], fmt.Sprintf("… and %d more lines", hidden))
	}
	var b strings.Builder
	b.WriteString("\x1b[H")
	for i, text := range lines {
		if i > 0 {
			b.WriteString("\r\n")
		}
		b.WriteString(texttable.Clip(text, width) + "\x1b[K")
	}
	b.WriteString("\x1b[J")
	return b.String()
}

// lines is what top shows: a line for all, the queues, the worlds, and their ranks. What it saw before says how fast queues
// fill and empty; the zero sight says nothing.
func (s topSight) lines(before topSight) []string {
	if s.At.IsZero() {
		return nil
	}
	all := []string{s.summary(), ""}
	all = append(all, sheetLines(s.queueSheet(before))...)
	if len(s.Workers.Workers)+len(s.Workers.Others) == 0 {
		return append(all, "", "No world reports.")
	}
	all = append(append(all, ""), sheetLines(s.worldSheet())...)
	if ranks := s.rankSheet(); len(ranks.rows) > 0 {
		all = append(append(all, ""), sheetLines(ranks)...)
	}
	return all
}

func sheetLines(s sheet) []string {
	var b bytes.Buffer
	s.table(&b, false, false)
	return strings.Split(strings.TrimRight(b.String(), "\n"), "\n")
}

func (s topSight) summary() string {
	ranks, waiting, pace := 0, 0, 0.0
	for _, w := range s.Workers.Workers {
		ranks += w.RankCount
		pace += paceOf(w.Report)
	}
	for _, q := range s.Queues.Queues {
		waiting += q.Waiting
	}
	return fmt.Sprintf("%s   %d waiting   worlds: %d   ranks: %d   %.1f jobs/s", when(s.At), waiting, len(s.Workers.Workers), ranks, pace)
}

// paceSpan is the time over which top counts what worlds have ended.
const paceSpan = time.Minute

// paceOf is how many messages a world ends in a second, by those that it ended last.
func paceOf(r message.Report) float64 {
	n, span := 0, paceSpan.Seconds()
	for _, j := range r.Ended {
		if j.Ended != nil && *j.Ended <= paceSpan.Seconds() {
			n++
		}
	}
	if n == message.MaxReportJobs { // there may have been more
		span = max(*r.Ended[0].Ended, 0.001)
	}
	return float64(n) / span
}

func (s topSight) queueSheet(before topSight) sheet {
	out := newSheet("queue,state,waiting,leased,oldest,change/s", "")
	was := map[string]int{}
	for _, q := range before.Queues.Queues {
		was[q.Name] = q.Waiting
	}
	for _, q := range s.Queues.Queues {
		state, change := "active", ""
		if q.Paused {
			state = "paused"
		}
		if n, known := was[q.Name]; known && s.At.After(before.At) {
			change = fmt.Sprintf("%+.1f", float64(q.Waiting-n)/s.At.Sub(before.At).Seconds())
		}
		out.add(q.Name, state, q.Waiting, q.Leased, seconds(q.OldestAge*float64(time.Second)), change)
	}
	return out
}

func (s topSight) worldSheet() sheet {
	out := newSheet("world,state,hosts,ranks,busy,leases,done,now,worker", "")
	for i, w := range s.Workers.Workers {
		state := string(w.State)
		if w.Silent > lateReport.Seconds() {
			state = "silent for " + rounded(time.Duration(w.Silent*float64(time.Second)))
		}
		out.add(i+1, state, hostsOf(w.Report), w.RankCount, share(w.Busy), w.Leases, w.Done, doing(w.Report), w.Worker)
	}
	for _, h := range s.Workers.Others {
		out.add(count(0), "silent", "", count(0), nil, h.Leases, count(0), "", h.Worker)
	}
	return out
}

// lateReport is the age from which top says how old a report is.
const lateReport = 6 * time.Second

func (s topSight) rankSheet() sheet {
	out := newSheet("world,rank,host,threads,series,last minute,busy,now", "")
	for i, w := range s.Workers.Workers {
		for _, r := range w.Ranks {
			now := "waits"
			switch {
			case r.Serves && r.Chunks == 0:
				now = "serves the others"
			case r.Key != "":
				now = "fits " + jobOf(r.Key)
			}
			var busy any
			if w.Up > 0 {
				busy = share(min(r.Busy/w.Up, 1))
			}
			out.add(i+1, r.Rank, r.Host, r.Threads, r.Series, blocks(r.Recent), busy, now)
		}
		if more := w.RankCount - len(w.Ranks); more > 0 && len(w.Ranks) > 0 {
			out.add(i+1, count(0), "", count(0), count(0), "", nil, fmt.Sprintf("and %d more", more))
		}
	}
	return out
}

// blocks draws shares in percent, a character each.
func blocks(percents []int) string {
	heights := []rune("▁▂▃▄▅▆▇█")
	var b strings.Builder
	for _, p := range percents {
		b.WriteRune(heights[min(max(p, 0)*len(heights)/101, len(heights)-1)])
	}
	return b.String()
}
