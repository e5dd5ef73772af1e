package spmd

import (
	"time"

	"foliocast/mpicalc/forecast"
)

// maxCount bounds the numbers in a message: what a slice may hold.
const maxCount = 1<<47 - 1

// appendChunk appends the message that tells a rank to fit the picks of a chunk whose answers are not known: computed of them.
func appendChunk(b []byte, number, computed int, picks []pick) []byte {
	b = appendNumber(append(b, messageChunk), uint64(number))
	b, numbers := appendQuestions(b, picks)
	b = appendNumber(b, uint64(computed))
	for i := range picks {
		if picks[i].known {
			continue
		}
		s := &picks[i].series
		t := assignment{options: numbers[s.Options], wantErrors: s.WantErrors, before: s.Before, length: len(s.Values), file: picks[i].file,
			skips: s.Skips, ends: s.Ends, walkEnds: s.WalkEnds, walkStride: s.WalkStride, targets: s.Targets, stream: s.Stream,
			regressors: len(s.Regressors), text: s.Text}
		if t.file > 0 {
			t.asset, t.from = s.In.Asset, s.In.From
		} else {
			t.before += picks[i].unread
			t.length -= picks[i].unread
		}
		b = t.append(b)
	}
	for i := range picks {
		if picks[i].known {
			continue
		}
		s := &picks[i].series
		if picks[i].file == 0 {
			b = appendFloats(b, s.Values[picks[i].unread:])
		}
		for _, x := range s.Regressors {
			b = appendFloats(b, x)
		}
	}
	return b
}

// appendQuestions appends the options of the picks, each once, and returns their numbers.
func appendQuestions(b []byte, picks []pick) ([]byte, map[*forecast.Options]int) {
	numbers := make(map[*forecast.Options]int)
	var list []*forecast.Options
	var last *forecast.Options
	for i := range picks {
		o := picks[i].series.Options
		if o == last || picks[i].known {
			continue
		}
		last = o
		if _, known := numbers[o]; !known {
			numbers[o] = len(list)
			list = append(list, o)
		}
	}
	b = appendNumber(b, uint64(len(list)))
	for _, o := range list {
		b = appendText(b, string(appendOptions(nil, o)))
	}
	return b, numbers
}

// unpacker turns messages into batches.
type unpacker struct {
	files   map[int]Source               // by the leader's number
	options map[string]*forecast.Options // seen before, by their bytes, so that a thread keeps its method
	known   []*forecast.Options          // of this message
}

func newUnpacker() *unpacker {
	return &unpacker{files: make(map[int]Source), options: make(map[string]*forecast.Options)}
}

// chunk reads what appendChunk wrote, without the first byte, into b.
func (u *unpacker) chunk(b *batch, message []byte) error {
	in := reader{rest: message}
	b.number = in.number(maxCount)
	u.questions(&in)
	b.tasks = b.tasks[:0]
	assignments := make([]assignment, in.count(3))
	for i := range assignments {
		assignments[i].parse(&in)
	}
	if in.failed || len(in.rest)%8 != 0 {
		return errMalformed
	}
	b.values = resize(b.values, len(in.rest)/8)
	in.floats(b.values)
	var err error
	b.tasks, err = u.tasks(b.tasks, assignments, b.values)
	return err
}

// maxKnown bounds the options that a rank remembers.
const maxKnown = 1000

func (u *unpacker) questions(in *reader) {
	u.known = u.known[:0]
	for range in.count(1) {
		text := in.text()
		o := u.options[string(text)]
		if o == nil {
			inner := reader{rest: text}
			o = parseOptions(&inner)
			if inner.end() != nil {
				in.fail()
				return
			}
			if len(u.options) >= maxKnown {
				clear(u.options)
			}
			u.options[string(text)] = o
		}
		u.known = append(u.known, o)
	}
}

// tasks appends a task for each assignment, whose values are in a mapped file or among those that were sent.
func (u *unpacker) tasks(tasks []task, assignments []assignment, sent []float64) ([]task, error) {
	for i := range assignments {
		t := &assignments[i]
		if t.options >= len(u.known) {
			return nil, errMalformed
		}
		task := task{options: u.known[t.options], wantErrors: t.wantErrors, mapped: t.file > 0, text: t.text}
		if o := task.options; t.text.Steps > o.Horizon || t.text.Levels > len(o.Levels) || t.text.Quantiles > len(o.Quantiles) || t.text.Bands > len(o.Bands) || t.text.Paths > o.Paths {
			return nil, errMalformed
		}
		task.series.Before = t.before
		task.series.Skips, task.series.Ends, task.series.WalkEnds, task.series.WalkStride = t.skips, t.ends, t.walkEnds, t.walkStride
		task.series.Targets, task.series.Stream = t.targets, t.stream
		whole := sent
		if task.mapped {
			source := u.files[t.file]
			if source == nil || t.asset >= source.Len() {
				return nil, errMalformed
			}
			whole = source.Values(t.asset)
		}
		if t.from > len(whole) || t.length > len(whole)-t.from {
			return nil, errMalformed
		}
		task.series.Values = whole[t.from : t.from+t.length]
		if !task.mapped {
			sent = sent[t.length:]
		}
		for range t.regressors {
			n := t.length + task.options.Horizon
			if n > len(sent) {
				return nil, errMalformed
			}
			task.series.Regressors = append(task.series.Regressors, sent[:n])
			sent = sent[n:]
		}
		tasks = append(tasks, task)
	}
	if len(sent) > 0 {
		return nil, errMalformed
	}
	return tasks, nil
}

// appendAnswer appends the message with the answers of a batch that is done.
func appendAnswer(out []byte, b *batch, threads int) []byte {
	out = appendNumber(append(out, messageAnswer), uint64(b.number))
	for _, d := range []time.Duration{b.touched, b.fitted} {
		out = appendNumber(out, uint64(d)/uint64(threads))
	}
	now := time.Now()
	for _, at := range []time.Time{b.begun, b.ended} {
		out = appendNumber(out, uint64(min(max(now.Sub(at), 0), maxCount)))
	}
	count := 0
	for _, block := range b.runs {
		count += len(block)
	}
	out = appendNumber(out, uint64(count))
	for _, block := range b.runs {
		for _, r := range block {
			out = appendNumber(appendNumber(out, uint64(r.series)), uint64(r.took))
		}
	}
	for _, block := range b.answers {
		out = append(out, block...)
	}
	return out
}

// report is what a rank says of a chunk beside the answers.
type report struct {
	touched, fitted time.Duration // of a thread, on average
	begun, ended    time.Duration // how long before it was sent
	runs            []run
}

// parse reads the front of what appendAnswer wrote, after the number, and leaves the answers.
func (r *report) parse(in *reader) {
	r.touched, r.fitted = time.Duration(in.number(maxCount)), time.Duration(in.number(maxCount))
	r.begun, r.ended = time.Duration(in.number(maxCount)), time.Duration(in.number(maxCount))
	r.runs = r.runs[:0]
	for range in.count(2) {
		r.runs = append(r.runs, run{in.number(maxCount), time.Duration(in.number(maxCount))})
	}
}
