package console

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"foliocast/internal/job"
)

// jobForm is what was typed into the form of a job. It is turned into JSON as it is: a text
// where a number must stand goes to the API as a text, which then says what is wrong.
type jobForm struct{ url.Values }

// amountOf begins the name of the field with the weight or the holding of an asset.
const amountOf = "amount "

// Fields of the form by kind. Their names are those of the specification.
func textFields() []string {
	return []string{"dataset", "column", "model", "freq", "from", "to", "as_of", "stale", "missing", "resample", "point", "on_error", "base", "rates"}
}
func numberFields() []string { return []string{"horizon", "priority"} }
func listFields() []string   { return []string{"levels", "quantiles", "risk", "season"} }

// assets are the names of the chosen assets: those of the list, and those typed.
func (f jobForm) assets() []string {
	if f.Get("which") == "all" {
		return []string{"*"}
	}
	names := slices.Clone(f.Values["asset"])
	for line := range strings.Lines(f.Get("more")) {
		if name, _ := typedAsset(line); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// typedAsset reads a line of the field for further assets: a name, and perhaps an amount
// after the last equals sign.
func typedAsset(line string) (name, amount string) {
	line = strings.TrimSpace(line)
	if at := strings.LastIndexByte(line, '='); at > 0 {
		return strings.TrimSpace(line[:at]), strings.TrimSpace(line[at+1:])
	}
	return line, ""
}

// amounts are the weights or holdings of the chosen assets, as they were typed.
func (f jobForm) amounts() map[string]any {
	out := map[string]any{}
	names := f.Values["asset"]
	if f.Get("which") == "all" { // of the list, all count
		for field := range f.Values {
			if name, is := strings.CutPrefix(field, amountOf); is {
				names = append(names, name)
			}
		}
	}
	for _, name := range names {
		if amount := strings.TrimSpace(f.Get(amountOf + name)); amount != "" {
			out[name] = typed(amount)
		}
	}
	for line := range strings.Lines(f.Get("more")) {
		if name, amount := typedAsset(line); amount != "" {
			out[name] = typed(amount)
		}
	}
	return out
}

// typed is a number where the text is one in JSON, and else the text.
func typed(text string) any {
	var n json.Number
	if json.Unmarshal([]byte(text), &n) == nil && !strings.HasPrefix(text, `"`) {
		return n
	}
	return text
}

// spec is the specification that the form stands for, or what is wrong with its further fields.
func (f jobForm) spec() (map[string]any, faults) {
	out := map[string]any{}
	if text := strings.TrimSpace(f.Get("further")); text != "" {
		lines := json.NewDecoder(strings.NewReader(text))
		lines.UseNumber()
		if err := lines.Decode(&out); err != nil || lines.More() || out == nil {
			return nil, faults{"further": {"must be an object in JSON"}}
		}
	}
	for _, name := range textFields() {
		if value := strings.TrimSpace(f.Get(name)); value != "" {
			out[name] = value
		}
	}
	for _, name := range numberFields() {
		if value := strings.TrimSpace(f.Get(name)); value != "" {
			out[name] = typed(value)
		}
	}
	for _, name := range listFields() {
		list := []any{}
		for _, one := range splitList(f.Get(name)) {
			list = append(list, typed(one))
		}
		none := name == "levels" || name == "risk" && out["kind"] != string(job.KindBacktest) // absent stands for a default
		if len(list) > 0 || none {
			out[name] = list
		}
	}
	if x := splitList(f.Get("x")); len(x) > 0 {
		out["x"] = x
	}
	for _, name := range []string{"integers", "explain"} {
		if f.Has(name) {
			out[name] = true
		}
	}
	out["assets"] = f.assets()
	combine := job.Combine(f.Get("combine"))
	if combine != "" {
		out["combine"] = combine
	}
	if amounts := f.amounts(); len(amounts) > 0 {
		if combine == job.Value {
			out["holdings"] = amounts
		} else {
			out["weights"] = amounts
		}
	}
	return out, nil
}

// splitList splits a list at commas, semicolons and blanks.
func splitList(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '\t' || r == '\n' || r == '\r' })
}

// Beside are the faults of what has no field of its own.
func (f jobForm) Beside(all faults) []string {
	known := []string{"/assets", "/weights", "/holdings", "/combine", "/x", "further"}
	for _, names := range [][]string{textFields(), numberFields(), listFields()} {
		for _, name := range names {
			known = append(known, "/"+name)
		}
	}
	return all.Beside(known...)
}

// Further reports whether the settings that most jobs leave alone have something in them, or
// something wrong.
func (f jobForm) Further(all faults) bool {
	for _, name := range []string{"season", "from", "to", "as_of", "stale", "missing", "resample", "point", "x", "base", "rates", "priority", "integers", "explain", "further"} {
		if f.Get(name) != "" || len(all.At("/"+name)) > 0 || len(all.At(name)) > 0 {
			return true
		}
	}
	return len(all.At("/on_error")) > 0
}

// Sum is the sum of the amounts, as far as they are numbers.
func (f jobForm) Sum() float64 {
	sum := 0.0
	for _, amount := range f.amounts() {
		if n, is := amount.(json.Number); is {
			x, _ := n.Float64()
			sum += x
		}
	}
	return sum
}

// valuesOf is the form that stands for a specification, for a copy of its job.
func valuesOf(spec job.Spec) (url.Values, error) {
	text, err := json.Marshal(spec)
	if err != nil {
		return nil, fmt.Errorf("encode a specification: %w", err)
	}
	all := map[string]any{}
	lines := json.NewDecoder(bytes.NewReader(text))
	lines.UseNumber()
	if err := lines.Decode(&all); err != nil {
		return nil, fmt.Errorf("read a specification: %w", err)
	}
	out := url.Values{"which": {"some"}, "combine": {string(spec.Combine)}}
	for _, name := range append(append(textFields(), numberFields()...), "combine") {
		if value, has := all[name]; has {
			out.Set(name, fmt.Sprint(value))
		}
		delete(all, name)
	}
	for _, name := range append(listFields(), "x") {
		if list, is := all[name].([]any); is {
			out.Set(name, joined(list))
		}
		delete(all, name)
	}
	for _, name := range []string{"integers", "explain"} {
		if all[name] == true {
			out.Set(name, "on")
		}
		delete(all, name)
	}
	amounts := spec.Weights
	if spec.Combine == job.Value {
		amounts = spec.Holdings
	}
	for _, name := range slices.Sorted(maps.Keys(amounts)) {
		out.Set(amountOf+name, strconv.FormatFloat(amounts[name], 'g', -1, 64))
	}
	if spec.All() {
		out.Set("which", "all")
	} else {
		out["asset"] = spec.Assets
	}
	for _, name := range []string{"assets", "weights", "holdings"} {
		delete(all, name)
	}
	if len(all) > 0 { // what the form has no field for
		text, err := json.MarshalIndent(all, "", "  ")
		if err != nil {
			return nil, fmt.Errorf("encode further fields: %w", err)
		}
		out.Set("further", string(text))
	}
	return out, nil
}

func joined(list []any) string {
	parts := make([]string, len(list))
	for i, one := range list {
		parts[i] = fmt.Sprint(one)
	}
	return strings.Join(parts, ", ")
}
