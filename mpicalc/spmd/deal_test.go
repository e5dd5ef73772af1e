package spmd

import (
	"errors"
	"testing"
	"time"

	"foliocast/mpicalc/forecast"
)

// copies is a workload of one series many times.
type copies struct {
	series Series
	n      int
	taken  int
}

func (c *copies) Len() int          { return c.n }
func (c *copies) Series(int) Series { return c.series }
func (c *copies) Take(int, *forecast.Result, error) error {
	c.taken++
	return nil
}

// costly is an engine that takes longer than any guess.
type costly struct{ forecast.Engine }

func (e *costly) Forecast(dst *forecast.Result, s forecast.Series, m *forecast.Method) error {
	for begin := time.Now(); time.Since(begin) < time.Millisecond; {
		if err := e.Engine.Forecast(dst, s, m); err != nil {
			return err
		}
	}
	return nil
}

func TestTheCostIsLearnedWhileTheRanksWork(t *testing.T) {
	t.Parallel()
	config := Config{Engine: func() Engine { return new(costly) }}
	err := Local(2, func(c Comm) error {
		if c.Rank() != 0 {
			return Follow(c, config)
		}
		l, err := Lead(c, config)
		if err != nil {
			return err
		}
		o := &forecast.Options{Model: "naive", Horizon: 1}
		w := &copies{series: Series{Series: forecast.Series{Values: make([]float64, 50)}, Options: o}, n: 60}
		before, err := l.Estimate(w)
		if err != nil {
			return err
		}
		_, err = l.Run(w)
		after, failed := l.Estimate(w)
		longer := &copies{series: Series{Series: forecast.Series{Values: make([]float64, 400)}, Options: o}, n: 60}
		like, failedToo := l.Estimate(longer)
		if least := 60 * time.Millisecond; before.Thread > time.Millisecond || after.Thread < least/2 || like.Thread < after.Thread {
			t.Errorf("60 series of a millisecond were estimated to take %v, then %v, and longer ones %v", before.Thread, after.Thread, like.Thread)
		}
		if after.Least > after.Thread/time.Duration(l.Threads()) {
			t.Errorf("on %d threads, %v on one take at least %v", l.Threads(), after.Thread, after.Least)
		}
		return errors.Join(err, failed, failedToo, l.Stop())
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A large world must not have chunks of one series each, nor a small one chunks of gigabytes.
func TestEachRankHasItsOwnBudget(t *testing.T) {
	t.Parallel()
	for ranks, least := range map[int]int{2: chunkBytes, 64: chunkBytes, 256: 256 << 10, 1024: minChunkBytes, 4096: minChunkBytes} {
		l := &Leader{comm: &localComm{world: &localWorld{ranks: make([]mailbox, ranks)}}, peers: make([]peer, ranks), minChunk: minChunk}
		for r := range l.peers {
			l.peers[r].capacity = 1
		}
		l.active = []*active{{left: 1e15}}
		got := l.room(1)
		if got.values != least || got.answer != least || got.cost < maxChunk {
			t.Errorf("%d ranks: a chunk has room for %+v, want %d bytes", ranks, got, least)
		}
		if all := window * ranks * got.values; ranks <= 1024 && all > worldBytes {
			t.Errorf("%d ranks: all chunks together have %d bytes", ranks, all)
		}
	}
}

// What no rank of this program sends ends the world, and does not confuse it.
func TestNonsenseFromARankIsAnError(t *testing.T) {
	t.Parallel()
	for name, nonsense := range map[string][]byte{
		"nothing":                {},
		"an unknown kind":        {77},
		"an answer to no chunk":  {messageAnswer, 99, 0, 0, 0},
		"an answer of no length": {messageAnswer},
		"a vote of no length":    {messageVote},
	} {
		err := Local(2, func(c Comm) error {
			if c.Rank() != 0 {
				f := &follower{comm: c}
				if err := errors.Join(f.send(append(appendNumber([]byte{messageHello}, 1), "here"...)), f.send(nonsense)); err != nil {
					return err
				}
				for {
					if err := c.Await(nil, time.Second); err != nil {
						return err
					}
				}
			}
			l, err := Lead(c, Config{})
			if err != nil {
				return err
			}
			for err == nil {
				err = l.pump(true)
			}
			return err
		})
		if !errors.Is(err, errMalformed) {
			t.Errorf("%s: got %v, want an error", name, err)
		}
	}
}

// A rank that answers a chunk of another one, or answers twice, is not believed.
func TestAnAnswerIsTakenOnceAndFromItsRankAlone(t *testing.T) {
	t.Parallel()
	l := &Leader{comm: &localComm{world: &localWorld{ranks: make([]mailbox, 3)}}, peers: make([]peer, 3), chunks: make(map[int]*chunk)}
	l.activities.begin(l)
	l.chunks[5] = &chunk{number: 5, rank: 1, send: transfer{done: true}}
	answer := appendAnswer(nil, &batch{number: 5}, 1)
	if err := l.answered(2, answer); !errors.Is(err, errMalformed) {
		t.Errorf("from another rank: %v", err)
	}
	if err := l.answered(1, answer); err != nil {
		t.Errorf("the first answer: %v", err)
	}
	if err := l.answered(1, answer); !errors.Is(err, errMalformed) {
		t.Errorf("the second answer: %v", err)
	}
}

// A caller that has dropped a workload no longer knows it.
func TestADroppedWorkloadHasNoOutcome(t *testing.T) {
	t.Parallel()
	err := Local(1, func(c Comm) error {
		l, err := Lead(c, Config{})
		if err != nil {
			return err
		}
		o := &forecast.Options{Model: "naive", Horizon: 1}
		w := &copies{series: Series{Series: forecast.Series{Values: make([]float64, 50)}, Options: o}, n: 3}
		if err := l.Add(w); err != nil {
			return err
		}
		for len(l.ended) == 0 { // as Step does, and as other calls may
			if err := errors.Join(l.deal(), l.deliver(), l.pump(true)); err != nil {
				return err
			}
		}
		if err := l.Drop(w); err != nil {
			return err
		}
		if ended, err := l.Step(); len(ended) > 0 || err != nil || l.Busy() {
			t.Errorf("%d outcomes, %v, busy %v, want none", len(ended), err, l.Busy())
		}
		return l.Stop()
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Of a long series only what its model looks at is sent.
func TestLongSeriesTravelInPart(t *testing.T) {
	t.Parallel()
	values := make([]float64, 3*forecast.MaxPoints)
	for model, want := range map[string]int{"ar": forecast.MaxPoints, "drift": len(values)} {
		s := Series{Series: forecast.Series{Values: values}, Options: &forecast.Options{Model: model, Horizon: 1}}
		p := pick{series: s}
		if got := sentBytes(&p); got != 8*want {
			t.Errorf("%s: %d bytes of values are sent, want those of %d values", model, got, want)
		}
		var b batch
		if err := newUnpacker().chunk(&b, appendChunk(nil, 1, 1, []pick{p})[1:]); err != nil {
			t.Fatal(err)
		}
		if got := b.tasks[0].series; len(got.Values) != want || got.Before != len(values)-want {
			t.Errorf("%s: a rank gets %d values after %d, want %d after %d", model, len(got.Values), got.Before, want, len(values)-want)
		}
	}
}
