package console

import (
	"slices"
	"strings"

	"foliocast/queue/message"
)

// worldView is a world as its page shows it.
type worldView struct {
	message.Worker
	Working  int // ranks that have something to do
	Jobs     []jobView
	From, To string // ends of the timeline of the jobs
	Ranks    []rankView
	Hidden   int  // ranks that are not listed
	Many     bool // there are so many ranks that their list scrolls
}

// jobView is a job with its bar on the timeline.
type jobView struct {
	message.WorkerJob
	Doing string
	Bars  []bar
	Words string // what the bars say
}

// bar is a part of a timeline, in thousandths of its width. Its kind decides about colour and height.
type bar struct {
	Kind     string
	X, Width float64
}

// rankView is a rank with how busy it was lately.
type rankView struct {
	message.WorkerRank
	Doing  string
	Bars   []column
	Lately int     // percent of the time of its bars
	Share  float64 // of the world's life that it had something to do
}

// column is how busy a rank was in one of the stretches between two reports.
type column struct{ X, Y, Height int }

// manyRanks is more ranks than are shown in full length.
const manyRanks = 16

// jobsOfWorld is how many jobs the timeline of a world has.
const jobsOfWorld = 12

func viewOf(w message.Worker) worldView {
	view := worldView{Worker: w, Hidden: w.RankCount - len(w.Ranks), Many: len(w.Ranks) > manyRanks}
	jobs := slices.Clone(w.Jobs)
	for _, j := range slices.Backward(w.Ended) {
		jobs = append(jobs, j)
	}
	jobs = jobs[:min(len(jobs), jobsOfWorld)]
	line := timelineOf(jobs)
	view.From, view.To = line.words()
	for _, j := range jobs {
		view.Jobs = append(view.Jobs, line.view(j))
	}
	for _, r := range w.Ranks {
		rank := rankOf(r, w.Up)
		if r.Chunks > 0 {
			view.Working++
		}
		view.Ranks = append(view.Ranks, rank)
	}
	return view
}

// timeline is the stretch of time that the jobs of a world cover, in seconds before the report.
type timeline struct{ from, to float64 }

// timelineOf is from the first lease of the jobs to the end of the last, or to the report when one has not ended.
func timelineOf(jobs []message.WorkerJob) timeline {
	var line timeline
	for i, j := range jobs {
		end := 0.0
		if j.Ended != nil {
			end = *j.Ended
		}
		if i == 0 || end < line.to {
			line.to = end
		}
		line.from = max(line.from, j.Leased)
	}
	line.from = max(line.from, line.to+0.001)
	return line
}

func (t timeline) words() (from, to string) {
	from, to = lasted(t.from)+" ago", lasted(t.to)+" ago"
	if t.to == 0 {
		to = "now"
	}
	return from, to
}

// at is the place of a moment, in thousandths.
func (t timeline) at(ago float64) float64 {
	return min(max(1000*(t.from-ago)/(t.from-t.to), 0), 1000)
}

// leastBar is how wide a bar is at least, to be seen.
const leastBar = 4

func (t timeline) view(j message.WorkerJob) jobView {
	view := jobView{WorkerJob: j, Doing: phaseWords(j)}
	var words []string
	for _, part := range []struct {
		kind, words string
		begin, end  *float64
	}{
		{"wait", "waited for the ranks", &j.Leased, j.Begun}, {"fit", "computed", j.Begun, j.Last}, {"gather", "gathered", j.Last, j.Answered}, {"send", "sent", j.Answered, j.Ended},
	} {
		if part.begin == nil {
			continue
		}
		end, open := 0.0, part.end == nil
		if !open {
			end = *part.end
		} else if j.Ended != nil {
			end, open = *j.Ended, false
		}
		x := min(t.at(*part.begin), 1000-leastBar)
		view.Bars = append(view.Bars, bar{part.kind, x, max(t.at(end)-x, leastBar)})
		text := part.words + " " + lasted(*part.begin-end)
		if open {
			text += " so far"
		}
		words = append(words, text)
		if part.end == nil {
			break
		}
	}
	if j.First != nil {
		view.Bars = append(view.Bars, bar{"first", min(t.at(*j.First), 1000-leastBar), leastBar})
		words = append(words, "first answer after "+lasted(j.Leased-*j.First))
	}
	view.Words = strings.Join(words, ", ")
	return view
}

// phaseWords says what is done for a job.
func phaseWords(j message.WorkerJob) string {
	switch j.Phase {
	case message.Preparing:
		return "reads its data"
	case message.Ready:
		return "waits for the ranks"
	case message.Fitting:
		return "computes"
	case message.Gathering:
		return "makes the answer"
	case message.Uploading:
		return "sends the answer"
	}
	return "has ended"
}

func rankOf(r message.WorkerRank, up float64) rankView {
	view := rankView{WorkerRank: r, Doing: "waits"}
	switch {
	case r.Key != "":
		view.Doing = "computes"
	case r.Chunks > 0:
		view.Doing = "computes what is no longer wanted"
	case r.Serves:
		view.Doing = "serves the others"
	}
	sum := 0
	for i, percent := range r.Recent {
		place := message.MaxReportLooks - len(r.Recent) + i // the newest is last
		height := (percent + 4) / 5
		view.Bars = append(view.Bars, column{X: 10 * place, Y: 20 - height, Height: height})
		sum += percent
	}
	if len(r.Recent) > 0 {
		view.Lately = sum / len(r.Recent)
	}
	if up > 0 {
		view.Share = min(r.Busy/up, 1)
	}
	return view
}
