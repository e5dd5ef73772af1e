package main

import (
	"errors"
	"fmt"
	"time"

	"foliocast/internal/series"
	"foliocast/mpicalc/backtest"
	"foliocast/mpicalc/forecast"
	"foliocast/mpicalc/portfolio"
)

// matching pairs the values of --actual with the steps of a forecast from the end of --input, asset by asset and time by
// time. It collects what it leaves out.
type matching struct {
	input, actual *series.Table
	restart       restart
	times         map[series.Span][]series.Time // the steps after the end of --input, as far as they were needed

	unknown, without, late   leftOut // assets of --actual, of --input, of both
	inside, beside, inPeriod leftOut // values of --actual; the last are not left out
}

// match returns a sample for each asset of --actual that has a value at a step of the forecast.
func (b *backtestRun) match(source *backtest.Source, actual *series.Table) (backtest.List, error) {
	input := source.Table
	if input.Kind() != actual.Kind() {
		return nil, fmt.Errorf("--input has times of the kind %q and --actual of the kind %q, which cannot be matched: write both alike",
			input.Kind(), actual.Kind())
	}
	m := &matching{input: input, actual: actual, restart: restartOf(input, actual), times: make(map[series.Span][]series.Time)}
	var all backtest.List
	for k, name := range actual.Names() {
		if len(actual.Values(k)) == 0 {
			continue
		}
		i, ok := input.Index(name)
		if !ok || len(input.Values(i)) == 0 {
			m.unknown.add(name)
			continue
		}
		s := source.Question(i, len(input.Values(i)))
		if err := m.asset(&s, i, k); err != nil {
			return nil, err
		}
		if len(s.At) > 0 {
			s.Skips = portfolio.Skips(input.Skips(i, s.Horizon))
			var err error
			if s.X, err = source.Beside(i, input.Next(i, s.Horizon)); err != nil {
				return nil, flagFault(err)
			}
			source.Complete(&s, len(s.Train))
			all = append(all, s)
		}
	}
	for i, name := range input.Names() {
		if k, ok := actual.Index(name); len(input.Values(i)) > 0 && (!ok || len(actual.Values(k)) == 0) {
			m.without.add(name)
		}
	}
	if len(all) == 0 {
		return nil, m.nothing()
	}
	b.omitted = input.Len() - len(all)
	b.notes = append(b.notes, m.notes()...)
	return all, nil
}

// asset gives the sample of asset i of --input its actual values, those of asset k of --actual. Values that were filled in
// are not among them.
func (m *matching) asset(s *backtest.Sample, i, k int) error {
	name, end := m.actual.Names()[k], m.input.End(i)
	var times []series.Time
	var values []float64
	var early leftOut
	for n := range backtest.Observed(m.actual, k, 0) {
		at := m.restart.move(m.actual.At(k, n), end)
		if at.Compare(end) <= 0 {
			early.add(name + " at " + at.String())
			continue
		}
		times, values = append(times, at), append(values, m.actual.Values(k)[n])
	}
	if len(times) == 0 {
		m.late.add(name)
		return nil
	}
	m.inside.join(early)
	steps, err := m.steps(i, times[len(times)-1])
	if err != nil {
		return err
	}
	places := m.places(i, times, steps)
	for n, step := range places {
		if step < 0 {
			m.beside.add(name + " at " + times[n].String())
			continue
		}
		s.At, s.Actual, s.Horizon = append(s.At, step), append(s.Actual, values[n]), step+1
	}
	return nil
}

// places finds the step of each of an asset's actual times, or -1. A time that is no step belongs to the step of its week,
// month or longer period when that period has no other: the last session of a month may be an earlier day than the rule says.
func (m *matching) places(i int, times, steps []series.Time) []int {
	const week = 7 * 24 * time.Hour
	places := make([]int, len(times))
	within := make(map[int]int) // the actual times in the period of a step
	c := m.input.CalendarOf(i)
	long := c != nil && time.Duration(c.Period())*time.Microsecond >= week
	for n, at := range times {
		places[n] = -1
		if step, ok := m.input.StepOf(i, at); ok && step < len(steps) && (long || steps[step].Equal(at)) {
			places[n] = step
			within[step]++
		}
	}
	for n, step := range places {
		switch {
		case step < 0 || steps[step].Equal(times[n]):
		case within[step] > 1:
			places[n] = -1
		default:
			m.inPeriod.add(m.input.Names()[i] + " at " + times[n].String())
		}
	}
	return places
}

// steps returns the times of the steps after the end of asset i of --input that are needed to reach the given time.
func (m *matching) steps(i int, last series.Time) ([]series.Time, error) {
	step, ok := m.input.StepOf(i, last)
	if !ok {
		step = m.input.StepsTo(i, last)
	}
	if step >= forecast.MaxHorizon {
		return nil, fmt.Errorf("--actual has %q until %s, more than the %d steps after the end of its --input, %s, that a horizon may have",
			m.input.Names()[i], last, forecast.MaxHorizon, m.input.End(i))
	}
	span := m.input.Span(i)
	if len(m.times[span]) <= step {
		m.times[span] = m.input.Next(i, step+1)
	}
	return m.times[span], nil
}

// notes says what is left out, and what was matched otherwise than by an equal time.
func (m *matching) notes() []string {
	var all []string
	if m.restart.yes {
		all = append(all, fmt.Sprintf("The steps of --actual begin at %d again and were counted from the end of --input.", m.restart.first))
	}
	for _, out := range []struct {
		what      leftOut
		one, many string
	}{
		{m.unknown, "1 asset of --actual has no values in --input", "%d assets of --actual have no values in --input"},
		{m.without, "1 asset of --input has no values in --actual", "%d assets of --input have no values in --actual"},
		{m.late, "1 asset of --actual has no values after the end of its --input", "%d assets of --actual have no values after the end of their --input"},
		{m.inside, "1 value of --actual is not after the end of --input", "%d values of --actual are not after the end of --input"},
		{m.inPeriod, "1 value of --actual was compared with the forecast for its period", "%d values of --actual were compared with the forecasts for their periods"},
		{m.beside, "1 value of --actual is at a time that is not a step of the forecast", "%d values of --actual are at times that are not steps of the forecast"},
	} {
		if text := out.what.text(out.one, out.many); text != "" {
			all = append(all, text+".")
		}
	}
	return all
}

// nothing says why no value can be scored.
func (m *matching) nothing() error {
	switch {
	case m.beside.count > 0:
		return fmt.Errorf("no value of --actual is at a step of the forecast: %s", m.beside.list())
	case m.late.count > 0:
		return fmt.Errorf("--actual has no values after the end of --input: %s", m.late.list())
	case m.unknown.count > 0:
		return fmt.Errorf("no asset of --actual has values in --input: %s", m.unknown.list())
	}
	return errors.New("--actual has no values")
}
