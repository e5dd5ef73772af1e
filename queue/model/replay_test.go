package model

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"foliocast/internal/history"
)

// told builds the history of one message from words, each a request that is over before the
// next begins; those joined by | are under way at the same time. A word is an operation with
// a token, :attempt, @worker, /request and =answer, or with ? when nobody got its answer.
func told(attempts int, story string) []history.Event {
	events := []history.Event{{Kind: history.Begin, Seed: 1, Attempts: attempts}}
	for i, together := range strings.Fields(story) {
		for word := range strings.SplitSeq(together, "|") {
			e := requestOf(word)
			e.Begin, e.End = int64(10*i+1), int64(10*i+5)
			events = append(events, e)
		}
	}
	return append(events, history.Event{Kind: history.End, Lines: len(events)})
}

var word = regexp.MustCompile(`^([a-z]+)(\d*)(?::(\d+))?(?:@([a-z]#\d))?(?:/([a-z]))?(\?|!|=[a-z]+)?$`)

func requestOf(text string) history.Event {
	f := word.FindStringSubmatch(text)
	if f == nil {
		panic("what is " + text + "?")
	}
	token, _ := strconv.Atoi(f[2])
	attempt := token
	if f[3] != "" {
		attempt, _ = strconv.Atoi(f[3])
	}
	answer := strings.TrimPrefix(f[6], "=")
	item := history.Item{ID: "m", Key: "k", Token: int64(token), Verdict: answer}
	e := history.Event{Kind: history.Wire, Status: 200, Client: f[4]}
	switch f[1] {
	case "upload":
		e.Op, item.Verdict = history.Enqueue, ""
	case "lease":
		e.Op, e.Key, item.Attempt = history.Lease, f[5], attempt
		if e.Client == "" {
			e.Client = "w#1"
		}
	case "beat":
		e.Op = history.Beat
	case "complete":
		e.Op = history.Complete
	case "fail":
		e.Op, item.Failed = history.Complete, true
	case "retry":
		e.Op, item.Failed, item.Retryable = history.Complete, true, true
	case "release":
		e.Op = history.Release
	case "cancel":
		e.Op, item.ID = history.Cancel, ""
	case "unknown":
		e.Op, item.ID, e.Status = history.Cancel, "", 404
	case "inherit":
		e.Op = history.Inherit
	case "redriven":
		return history.Event{Kind: history.Feed, ID: "m", Key: "k", Outcome: "redriven"}
	case "end":
		return history.Event{Kind: history.Feed, ID: "m", Key: "k", Outcome: answer}
	default:
		panic("what is " + f[1] + "?")
	}
	e.Items = []history.Item{item}
	switch answer {
	case "?", "!": // no answer, or 503
		e.Status, e.Items[0].ID, e.Items[0].Verdict = map[string]int{"?": 0, "!": 503}[answer], "", ""
		if e.Op == history.Lease {
			e.Items = nil
		} else if e.Op != history.Enqueue && e.Op != history.Cancel {
			e.Items[0].ID = "m"
		}
	}
	if e.Op == history.Inherit {
		e.Items = nil
	}
	return e
}

// allowed are histories that the rules of the service allow, with at most three attempts.
var allowed = []string{
	"upload",
	"upload lease1 beat1=extended complete1=accepted end=completed",
	"upload upload lease1 complete1=accepted complete1=accepted end=completed",
	"upload? lease1 complete1=accepted upload end=completed",
	"upload! cancel=ended end=cancelled",
	"upload lease1 lease2 complete1=stale beat1=stale complete2=accepted end=completed",
	"upload lease1 lease2 lease3 end=dead complete3=stale",
	"upload lease1 complete1? end=completed",
	"upload lease1 complete1! complete1=accepted",
	"upload lease1 retry1? lease2 beat1=stale",
	"upload lease1/a lease1/a beat1=extended",
	"upload lease/a? lease1/a beat1=extended complete1=accepted",
	"lease/a? upload lease1/a",
	"upload lease? lease2 complete2=accepted",
	"upload lease? lease2:1 complete2=accepted", // the queue saw that the caller had gone
	"upload lease/a? lease2:1/a complete2=accepted",
	"upload lease/a? lease1/a beat1=stale lease2:1", // it saw it late
	"upload lease? lease/b! lease3 complete3=accepted",
	"upload lease1 release1=accepted release1=accepted lease2:1 complete2=accepted end=completed",
	"upload lease1 release1? lease2:1",
	"upload lease1 release1? lease2:2",
	"upload lease1 retry1=accepted retry1=accepted lease2 complete2=accepted end=completed",
	"upload lease1 retry1=accepted lease2 retry2=accepted lease3 retry3=accepted end=dead",
	"upload lease1 fail1=accepted fail1=accepted end=failed",
	"upload lease1 beat1=extended|beat1=stale lease2",
	"upload|lease1 complete1=accepted|end=completed",
	"upload lease1 retry1=accepted|lease2 complete2=accepted",
	"upload lease1|lease2 complete2=accepted|complete1=stale",
	"upload lease1 release1=accepted lease2", // it was lost before
	"upload cancel=ended cancel=ended end=cancelled",
	"upload cancel? end=cancelled",
	"unknown upload cancel=ended end=cancelled",
	"upload? unknown",
	"upload lease1 cancel=leased beat1=cancelled release1=accepted end=cancelled",
	"upload lease1 cancel=leased beat1=cancelled fail1=accepted end=cancelled",
	"upload lease1 cancel=leased complete1=accepted end=completed cancel=ended",
	"upload lease1 cancel=ended end=cancelled",
	"upload lease1@w#1 inherit@w#2 beat1=stale lease2@w#2 complete2=accepted",
	"upload lease1@w#1 inherit@w#2 complete1=accepted",
	"upload lease1@w#2 inherit@w#1 inherit@w#2 inherit@v#3 beat1=extended",
	"upload lease1@w#1 inherit@w#2? beat1=extended",
	"upload lease1@w#1 lease2@w#1 inherit@w#2 beat2=extended", // its next attempt would be the last
	"upload lease1@w#1 lease2@w#1 cancel=leased inherit@w#2 end=cancelled",
	"upload lease1 lease2 lease3 end=dead redriven lease4:1 complete4=accepted end=completed",
	"upload lease1 lease2 lease3 lease4:1 end=dead redriven complete4=accepted end=completed", // the feed is read late
	"upload lease1 fail1=accepted end=failed redriven cancel=ended end=cancelled redriven lease2:1 complete1=stale",
}

// forbidden are histories that break one rule each, and what the sentence about it says.
var forbidden = []struct{ story, want string }{
	{"lease1 upload", "the lease under token 1"},
	{"upload lease2", "the lease under token 2"},
	{"upload lease2 lease?", "the lease under token 2"},
	{"upload lease1 lease1", "the lease under token 1"},
	{"upload lease1/a lease1/b", "the lease under token 1"},
	{"upload lease1/a lease2/a lease1/a", "the lease under token 1"},
	{"upload lease1/a complete1=accepted lease1/a", "the lease under token 1"},
	{"upload lease2 lease1", "the lease under token"},
	{"upload lease1 lease2:1", "attempt 1"},
	{"upload lease1:2", "attempt 2"},
	{"upload lease1 lease2 lease3 lease4", "the lease under token 4"},
	{"upload lease1 lease2 complete1=accepted", `"accepted" to complete under token 1`},
	{"upload lease1 lease2 beat1=extended", `"extended" to heartbeat under token 1`},
	{"upload lease1 lease2 release1=accepted", `"accepted" to release under token 1`},
	{"upload lease1 complete1=stale end=completed", `"stale" to complete`},
	{"upload lease1|lease2 complete1=accepted|complete2=stale", `to complete`},
	{"upload lease1 complete1=accepted|lease2 end=completed", "token"},
	{"upload lease1 complete1=accepted lease2", "the lease under token 2"},
	{"upload lease1 complete1=accepted beat1=extended", "heartbeat under token 1"},
	{"upload lease1 complete1=accepted complete1=stale", `"stale" to complete`},
	{"upload lease1 complete1=accepted fail1=accepted", `"accepted" to complete`},
	{"upload lease1 complete1=accepted end=failed", "the end as failed"},
	{"upload lease1 complete1=accepted cancel=leased", `the state "leased"`},
	{"upload lease1 fail1=accepted complete1=accepted", `"accepted" to complete`},
	{"upload lease1 fail1=accepted lease2", "the lease under token 2"},
	{"upload lease1 fail1=accepted end=dead", "the end as dead"},
	{"upload lease1 retry1=accepted end=failed", "the end as failed"},
	{"upload lease1 retry1=accepted lease2:1", "attempt 1"},
	{"upload lease1 retry1=accepted complete1=accepted", `"accepted" to complete`},
	{"upload lease1 release1=accepted complete1=accepted", `"accepted" to complete`},
	{"upload lease1 release1=accepted beat1=extended", "heartbeat under token 1"},
	{"upload lease1 beat1=stale beat1=extended", `"extended" to heartbeat`},
	{"upload lease1 beat1=cancelled", `"cancelled" to heartbeat`},
	{"upload lease1 end=completed", "the end as completed"},
	{"upload lease1 end=dead", "the end as dead"},
	{"upload end=cancelled", "the end as cancelled"},
	{"upload end=cancelled cancel?", "the end as cancelled"},
	{"upload beat1=extended", "heartbeat under token 1"},
	{"upload beat1=stale", "heartbeat under token 1"}, // nobody has the token
	{"upload cancel=leased", `the state "leased"`},
	{"upload cancel=ended lease1", "the lease under token 1"},
	{"upload cancel=ended end=completed", "the end as completed"},
	{"upload unknown", "unknown"},
	{"upload lease1 cancel=leased beat1=extended", `"extended" to heartbeat`},
	{"upload lease1 cancel=leased lease2", "the lease under token 2"},
	{"upload lease1@w#1 inherit@w#2 beat1=extended", `"extended" to heartbeat`},
	{"upload lease1@w#1 inherit@w#2 lease2:1", "attempt 1"},
	{"upload lease1 complete1=accepted end=completed redriven", "the redrive"},
	{"upload lease1 redriven", "the redrive"},
	{"upload lease1 lease2 lease3 end=dead lease4:1", "the lease under token 4"},
	{"upload lease1 lease2 lease3 end=dead redriven lease4", "the lease under token 4"},
	{"upload lease1 lease2 lease3 end=dead redriven complete3=accepted", `"accepted" to complete`},
	{"upload lease1 fail1=accepted end=failed redriven cancel=ended end=cancelled lease2:1", "the lease under token 2"},
}

// TestReplay replays histories that the rules allow, and some that break them.
func TestReplay(t *testing.T) {
	t.Parallel()
	r, err := NewReplayer(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	replay := func(events []history.Event) string {
		t.Helper()
		got, err := r.Replay(t.Context(), events)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(got.Violations, "\n")
	}
	for _, story := range allowed {
		if v := replay(told(3, story)); v != "" {
			t.Errorf("%s: %s", story, v)
		}
	}
	for _, f := range forbidden {
		if v := replay(told(3, f.story)); !strings.Contains(v, f.want) {
			t.Errorf("%s: got %q, want %q", f.story, v, f.want)
		}
	}
	// Many claims that nobody knows of do not make many states.
	if v := replay(told(50, "upload "+strings.Repeat("lease? ", 25)+"lease1 beat1=stale end=failed")); !strings.Contains(v, "the end as failed") {
		t.Errorf("many requests without an answer: %q", v)
	}
	if v := replay(told(2, "upload lease1 lease2 end=dead")); v != "" {
		t.Errorf("two attempts: %s", v)
	}
}

// TestReplayOfManyMessages replays messages beside each other: each is judged by itself.
func TestReplayOfManyMessages(t *testing.T) {
	t.Parallel()
	r, err := NewReplayer(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	stories := slices.Concat(allowed[:10], []string{forbidden[0].story}, allowed[:10], []string{forbidden[1].story})
	var all []history.Event
	for i, story := range stories {
		for _, e := range told(3, story)[min(i, 1):] {
			e.ID, e.Key = strings.Replace(e.ID, "m", fmt.Sprint("m", i), 1), strings.Replace(e.Key, "k", fmt.Sprint("k", i), 1)
			for j, item := range e.Items {
				e.Items[j].ID, e.Items[j].Key = strings.Replace(item.ID, "m", fmt.Sprint("m", i), 1), fmt.Sprint("k", i)
			}
			all = append(all, e)
		}
	}
	got, err := r.Replay(t.Context(), all)
	if v := got.Violations; err != nil || got.Messages != len(stories) || len(v) != 2 || !strings.Contains(v[0], "message m10 ") || !strings.Contains(v[1], "message m21 ") {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestReplayRefusesWhatItCannotJudge(t *testing.T) {
	t.Parallel()
	r := &Replayer{}
	for want, events := range map[string][]history.Event{
		"how many attempts":       told(0, "upload"),
		"more than 31 requests":   told(3, "upload lease1 beat1=extended"+strings.Repeat("|beat1=extended", 31)),
		"more than the model has": told(100, "upload lease32"),
	} {
		if _, err := r.Replay(t.Context(), events); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
