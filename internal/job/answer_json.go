package job

import (
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"strconv"
)

// AppendJSON appends the asset's JSON, byte for byte that of [json.Marshal] but without reflection: an answer has an asset for each
// series, and one program encodes them all. Values is what [Asset.AppendValues] has made of the same forecast, or nil; where it is
// given, the asset need not have the values. The error is that of a number that JSON does not have.
func (a *Asset) AppendJSON(b, values []byte) ([]byte, error) {
	e := encoder{b: append(b, '{'), from: len(b) + 1}
	e.key("asset")
	e.text(a.Asset)
	e.optional("model", a.Model)
	e.optional("fallback", a.Fallback)
	e.optional("note", a.Note)
	if a.Seasons != nil {
		e.key("seasons")
		array(&e, a.Seasons, func(n int) { e.b = strconv.AppendInt(e.b, int64(n), 10) })
	}
	if a.Members != nil {
		e.key("members")
		array(&e, a.Members, e.member)
	}
	e.rows("parts", a.Parts)
	e.effects(a.X)
	if a.Filled != 0 {
		e.key("filled")
		e.b = strconv.AppendInt(e.b, int64(a.Filled), 10)
	}
	e.optional("point", string(a.Point))
	if a.DS != nil {
		e.key("ds")
		array(&e, a.DS, e.text)
	}
	if len(values) > 0 {
		e.b = append(append(e.b, ','), values...)
	} else {
		e.values(a)
	}
	e.optional("kind", a.Kind)
	if a.Measured != nil {
		e.key("evaluations")
		e.any(a.Measured)
	}
	if a.Risk != nil {
		e.key("risk")
		e.any(a.Risk)
	}
	e.key("skill")
	e.pointer(a.Skill)
	e.key("error")
	e.any(a.Error)
	return append(e.b, '}'), e.err
}

// AppendValues appends the members of the asset's JSON that are values: mean, lo, hi, quantiles, band and paths, which follow each other. That is
// most of the work of [Asset.AppendJSON], which may so be done elsewhere.
func (a *Asset) AppendValues(b []byte) ([]byte, error) {
	e := encoder{b: b, from: len(b)}
	e.values(a)
	return e.b, e.err
}

func (e *encoder) values(a *Asset) {
	if a.Mean != nil {
		e.key("mean")
		array(e, a.Mean, e.number)
	}
	e.rows("lo", a.Lo)
	e.rows("hi", a.Hi)
	e.rows("quantiles", a.Quantiles)
	if a.Band != nil {
		e.key("band")
		e.b = append(e.b, '{')
		e.rows("lo", a.Band.Lo)
		e.rows("hi", a.Band.Hi)
		e.b = append(e.b, '}')
	}
	if a.Paths != nil {
		e.key("paths")
		array(e, a.Paths, e.row)
	}
}

// AppendJSON appends the JSON of an answer as [json.Marshal] makes it, with the JSON array assets in place of its own assets; where
// that is nil, the answer has none.
func (a *Answer) AppendJSON(b []byte, assets []byte) ([]byte, error) {
	e := encoder{b: append(b, '{'), from: len(b) + 1}
	e.before(a)
	if assets != nil {
		e.key("assets")
		e.b = append(e.b, assets...)
	}
	e.after(a)
	return e.b, e.err
}

// AroundAssets is AppendJSON for an array of assets that is too large to be copied: it returns what stands before it, and after.
func (a *Answer) AroundAssets() (before, after []byte, err error) {
	e := encoder{b: []byte("{"), from: 1}
	e.before(a)
	e.key("assets")
	at := len(e.b)
	e.b = append(e.b, ' ') // in place of them
	e.after(a)
	return e.b[:at], e.b[at+1:], e.err
}

// before appends the members of an answer before its assets.
func (e *encoder) before(a *Answer) {
	e.key("job")
	e.any(a.Job)
	e.key("state")
	e.any(a.State)
	e.optional("time", string(a.Time))
	e.key("overall")
	e.any(a.Overall)
	if a.Backtest != nil {
		e.key("backtest")
		e.any(a.Backtest)
	}
}

// after appends those after its assets, and ends the answer.
func (e *encoder) after(a *Answer) {
	if a.Error != nil {
		e.key("error")
		e.any(a.Error)
	}
	e.key("provenance")
	e.any(a.Provenance)
	e.b = append(e.b, '}')
}

// encoder appends JSON.
type encoder struct {
	b    []byte
	from int   // where the first member begins
	err  error // the first
}

// key begins a member of the object that b ends with.
func (e *encoder) key(name string) {
	if n := len(e.b); n > e.from && e.b[n-1] != '{' {
		e.b = append(e.b, ',')
	}
	e.text(name)
	e.b = append(e.b, ':')
}

func (e *encoder) optional(name, text string) {
	if text != "" {
		e.key(name)
		e.text(text)
	}
}

// any appends what is rare, or no hot part of an answer.
func (e *encoder) any(v any) {
	text, err := json.Marshal(v)
	e.b, e.err = append(e.b, text...), cmp.Or(e.err, err)
}

// text appends a string.
func (e *encoder) text(s string) {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7F || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			e.any(s)
			return
		}
	}
	e.b = append(append(append(e.b, '"'), s...), '"')
}

// number appends a number in the form that ECMAScript gives it, as encoding/json does.
func (e *encoder) number(v float64) {
	size := math.Abs(v)
	switch {
	case v-v != 0:
		e.any(v) // an error
	case size == 0 || size >= 1e-6 && size < 1e21:
		e.b = strconv.AppendFloat(e.b, v, 'f', -1, 64)
	default:
		e.b = strconv.AppendFloat(e.b, v, 'e', -1, 64)
		if n := len(e.b); e.b[n-4] == 'e' && e.b[n-2] == '0' { // e-07 is e-7
			e.b = append(e.b[:n-2], e.b[n-1])
		}
	}
}

func (e *encoder) pointer(v *float64) {
	if v == nil {
		e.b = append(e.b, "null"...)
		return
	}
	e.number(*v)
}

func array[T any](e *encoder, items []T, item func(T)) {
	e.b = append(e.b, '[')
	for i, v := range items {
		if i > 0 {
			e.b = append(e.b, ',')
		}
		item(v)
	}
	e.b = append(e.b, ']')
}

// rows appends a member that has lists of numbers by name.
func (e *encoder) rows(name string, rows map[string][]float64) {
	if rows == nil {
		return
	}
	e.key(name)
	object(e, rows, e.row)
}

// row appends a list of numbers.
func (e *encoder) row(row []float64) {
	if row == nil {
		e.b = append(e.b, "null"...)
		return
	}
	array(e, row, e.number)
}

func (e *encoder) effects(effects map[string]Effect) {
	if effects == nil {
		return
	}
	e.key("x")
	object(e, effects, func(x Effect) {
		e.b = append(e.b, '{')
		e.key("value")
		e.number(x.Value)
		e.key("stderr")
		e.pointer(x.StdErr)
		e.b = append(e.b, '}')
	})
}

func object[T any](e *encoder, members map[string]T, member func(T)) {
	names := make([]string, 0, 8)
	for name := range members {
		names = append(names, name)
	}
	slices.Sort(names)
	e.b = append(e.b, '{')
	for _, name := range names {
		e.key(name)
		member(members[name])
	}
	e.b = append(e.b, '}')
}

func (e *encoder) member(m Member) {
	e.b = append(e.b, '{')
	e.key("name")
	e.text(m.Name)
	e.key("weight")
	e.number(m.Weight)
	if m.Skill != nil {
		e.key("skill")
		e.pointer(m.Skill)
	}
	e.optional("dropped", m.Dropped)
	e.b = append(e.b, '}')
}
