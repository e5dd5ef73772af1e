package main

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"

	"foliocast/internal/cli"
	"foliocast/mpicalc/forecast"
)

// People and programs read the same list of models.
func TestModelsInEachFormat(t *testing.T) {
	t.Parallel()
	var listed []struct{ Name, Description string }
	if err := json.Unmarshal([]byte(succeed(t, 0, "models", "-o", "json").stdout), &listed); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(succeed(t, 0, "models", "--output", "csv").stdout)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(succeed(t, 0, "models").stdout), "\n")
	models := forecast.Models()
	if len(listed) != len(models) || len(rows) != len(models)+1 || len(lines) != len(models) || strings.Join(rows[0], ",") != "name,description" {
		t.Fatalf("%d models in JSON, %d lines of CSV that begin with %q, %d of a table, want %d models", len(listed), len(rows), rows[0], len(lines), len(models))
	}
	for i, m := range models {
		if listed[i].Name != m.Name || listed[i].Description != m.Doc || rows[i+1][0] != m.Name || rows[i+1][1] != m.Doc || !strings.HasPrefix(lines[i], m.Name+" ") {
			t.Errorf("model %d is %+v, %q and %q, want %+v", i, listed[i], rows[i+1], lines[i], m)
		}
	}
	if out := mpirun(t, 0, "models", "-o", "xml"); out.code != cli.Refused || !strings.Contains(out.stderr, "one of table, json, csv") {
		t.Errorf("code %d: %s", out.code, out.stderr)
	}
}
