package console

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"foliocast/internal/cli"
	"foliocast/internal/job"
	"foliocast/internal/serve"
)

// command is how to submit a job in another way than by a page.
type command struct{ Name, About, Text string }

// mostTyped is how many assets a command line may name.
const mostTyped = 100

// commandsFor are the ways to submit a job again from elsewhere. They are text to copy: what
// a user has named is quoted for the shell.
func commandsFor(r *http.Request, spec job.Spec) ([]command, error) {
	text, err := pretty(spec)
	if err != nil {
		return nil, err
	}
	scheme := "http"
	if serve.Secure(r.Context()) {
		scheme = "https"
	}
	url := scheme + "://" + r.Host
	all := []command{
		{"foliocast", "With the program, after foliocast login.", "foliocast job submit --wait --file - <<'JSON'\n" + text + "\nJSON"},
		{"curl", "TOKEN is a personal access token, as foliocast token create prints it.", "curl --fail-with-body " + cli.Quoted(url+"/v1/jobs") + " \\\n  -H \"Authorization: Bearer $TOKEN\" \\\n  -H 'Content-Type: application/json' \\\n  --data-binary @- <<'JSON'\n" + text + "\nJSON"},
		{"Python", "With nothing but the standard library.", pythonText(url, text)},
	}
	if !spec.Backtest() && spec.Rates == "" && len(spec.Assets) <= mostTyped {
		all = append(all, command{"sbatch", "Without any service: one file in, one file out.", "sbatch --ntasks=4 hostfiles/slurm/batch.sbatch prices.csv forecasts.csv " + strings.Join(runFlags(spec), " ")})
	}
	return all, nil
}

// pretty is a specification as JSON on several lines.
func pretty(spec job.Spec) (string, error) {
	var b bytes.Buffer
	lines := json.NewEncoder(&b)
	lines.SetEscapeHTML(false)
	lines.SetIndent("", "  ")
	if err := lines.Encode(spec); err != nil {
		return "", fmt.Errorf("encode a specification: %w", err)
	}
	return strings.TrimSpace(b.String()), nil
}

func pythonText(url, text string) string {
	literal, _ := json.Marshal(url + "/v1/jobs") // a string always can, and Python reads it alike
	return `import json, os, urllib.request

spec = json.loads(r"""` + strings.ReplaceAll(text, `"""`, `\u0022\u0022\u0022`) + `""")
request = urllib.request.Request(` + string(literal) + `,
    data=json.dumps(spec).encode(), method="POST",
    headers={"Content-Type": "application/json", "Authorization": "Bearer " + os.environ["TOKEN"]})
with urllib.request.urlopen(request) as answer:
    print(json.load(answer)["id"])`
}

// runFlags are the flags of mpicalc run that a specification stands for.
func runFlags(s job.Spec) []string {
	var flags []string
	add := func(name, value string) {
		if value != "" {
			flags = append(flags, "--"+name, cli.Quoted(value))
		}
	}
	add("model", s.Model)
	add("horizon", strconv.Itoa(s.Horizon))
	add("levels", numbers(s.Levels))
	add("quantiles", numbers(s.Quantiles))
	add("risk", numbers(s.Risk))
	if !s.All() {
		add("assets", listed(s.Assets))
	}
	add("weights", listed(pairs(s.Weights)))
	if s.Combine != job.Mean {
		add("combine", string(s.Combine))
	}
	add("holdings", listed(pairs(s.Holdings)))
	add("freq", s.Freq)
	season := make([]string, len(s.Season))
	for i, n := range s.Season {
		season[i] = strconv.Itoa(n)
	}
	add("season", strings.Join(season, ","))
	add("x", listed(s.X))
	add("from", s.From)
	add("to", s.To)
	add("as-of", s.AsOf)
	add("stale", s.Stale)
	add("missing", string(s.Missing))
	add("resample", string(s.Resample))
	add("point", string(s.Point))
	if s.OnError == job.Fail {
		add("on-error", string(s.OnError))
	}
	return flags
}

func numbers(values []float64) string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = strconv.FormatFloat(v, 'g', -1, 64)
	}
	return strings.Join(out, ",")
}

func pairs(m map[string]float64) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(m)) {
		out = append(out, name+"="+strconv.FormatFloat(m[name], 'g', -1, 64))
	}
	return out
}

// listed is a list as a flag takes it: separated by commas, with quotes where a name has one.
func listed(names []string) string {
	if len(names) == 0 {
		return ""
	}
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.Write(names) // into memory
	w.Flush()
	return strings.TrimSuffix(b.String(), "\n")
}
