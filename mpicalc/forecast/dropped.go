package forecast

import (
	"fmt"
	"math"
)

// The reasons why a member has no part in a combination, beside its errors.
const (
	noSeason     = "needs a season"
	noForecast   = "has no forecast: the series is too short, too regular or has too few seasons"
	notCounts    = "is for counts, and these values are not"
	unlikeCounts = "is for counts, and the series does not behave like them"
	atLimit      = "its forecasts are the lowest or the highest, and are trimmed"
	onlyCounts   = "the values are counts, and empirical makes the forecast alone"
)

// muchWorse is the error, relative to the smallest, that is reason enough for no weight.
const muchWorse = 1.5

// without is f without the member m, which is noted if that is to be explained.
func (f fit) without(p *problem, m Member) fit {
	if p.options.Explain {
		f.dropped = append(f.dropped, m)
	}
	return f
}

// explain notes why the candidates whose weights are less than the share least are dropped, if that is to be explained.
func (c *pool) explain(p *problem, least float64) {
	if !p.options.Explain {
		return
	}
	best, origins := math.Inf(1), 0
	for i := range c.all {
		if skill := c.all[i].Skill; !math.IsNaN(skill) {
			best = min(best, skill)
		}
	}
	for i := range c.all {
		k := &c.all[i]
		if k.Weight >= least {
			continue
		}
		m := Member{Name: k.Name, Skill: k.Skill, Dropped: fmt.Sprintf("its weight of %.2g %% is too small", 100*k.Weight)}
		origins = 0
		for _, v := range k.errors {
			if !math.IsNaN(v) {
				origins++
			}
		}
		switch ratio := k.Skill / best; {
		case k.needsSeason(p):
			m.Dropped = noSeason
		case !c.screening && k.missing(0) || c.screening && origins == 0:
			m.Dropped = noForecast
		case k.atLimit:
			m.Dropped = atLimit
		case best > 0 && ratio >= muchWorse:
			m.Dropped = fmt.Sprintf("its error at %d origins is %.1f times the smallest", origins, ratio)
		}
		c.dropped = append(c.dropped, m)
	}
}
