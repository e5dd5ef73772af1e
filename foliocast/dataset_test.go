package foliocast

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"foliocast/frontend/client"
	"foliocast/internal/job"
	"foliocast/internal/problem"
)

func versionOf(name string, version int) client.Version {
	return client.Version{Dataset: job.Dataset{Name: name, Version: version}, Owner: "ann",
		Audit: client.Audit{Assets: 2, Values: 20, From: "2024-01-01", To: "2024-01-10", Freq: "D", Calendar: "daily",
			Filled: 1, Missing: client.Findings{Count: 4, First: []client.Finding{{Line: 7, Asset: "A", Reason: "empty value"},
				{Line: 8, Reason: "empty value"}, {Line: 9, Reason: "empty value"}, {Line: 10, Reason: "empty value"}}}}}
}

func TestDatasetAdd(t *testing.T) {
	t.Parallel()
	var kind, body string
	s := newScript(t, map[string]http.HandlerFunc{
		"POST /v1/datasets/p": func(w http.ResponseWriter, r *http.Request) {
			text, _ := io.ReadAll(r.Body)
			kind, body = r.Header.Get("Content-Type")+"?"+r.URL.RawQuery, string(text)
			answer(http.StatusCreated, versionOf("p", 3))(w, r)
		},
		"PATCH /v1/datasets/p": func(w http.ResponseWriter, r *http.Request) {
			text, _ := io.ReadAll(r.Body)
			kind, body = r.Header.Get("If-Match")+" "+r.Header.Get("Content-Type")+"?"+r.URL.RawQuery, string(text)
			v := versionOf("p", 3)
			v.Audit.AppendedTo, v.Audit.Rows, v.Audit.Replaced = 2, 2, 1
			v.Audit.Missing, v.Audit.Filled = client.Findings{}, 0
			answer(http.StatusCreated, v)(w, r)
		},
	})
	p := newPerson(t, s)
	p.signIn()
	path := filepath.Join(t.TempDir(), "prices.CSV")
	if err := os.WriteFile(path, []byte("the file"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.types("", "dataset", "add", "p", path, "--value", "close").check(t, exitOK,
		"p@3: 2 assets, 20 values, 2024-01-01 to 2024-01-10, daily\n"+
			"  4 missing values: line 7 A empty value; line 8 empty value; line 9 empty value\n"+
			"  1 missing value was filled with the previous value\n", "")
	if kind != "text/csv?value=close" || body != "the file" {
		t.Errorf("sent %q as %q", body, kind)
	}
	p.types("", "dataset", "add", "p", path, "--id-column", "i", "--time-column", "t", "--value-column", "v", "--asset-name", "n",
		"--columns", "a,b", "--drop", "c", "--drop", "d*", "--time-format", "%d/%m/%Y", "--timezone", "Europe/Berlin",
		"--decimal", ",", "--thousands", ".", "--duplicates", "last", "--freq", "B").check(t, exitOK, "", "")
	if want := "text/csv?asset_name=n&columns=a&columns=b&decimal=%2C&drop=c&drop=d%2A&duplicates=last&freq=B&id=i&thousands=." +
		"&time=t&time_format=%25d%2F%25m%2F%25Y&timezone=Europe%2FBerlin&value=v"; kind != want {
		t.Errorf("sent %q, want %q", kind, want)
	}
	p.types("", "dataset", "add", "p", path, "--number-rows").check(t, exitOK, "", "")
	if kind != "text/csv?number_rows=true" {
		t.Errorf("sent %q", kind)
	}
	p.types("typed", "dataset", "add", "p", "-", "--format", "parquet").check(t, exitOK, "", "")
	if kind != "application/vnd.apache.parquet?" || body != "typed" {
		t.Errorf("sent %q as %q", body, kind)
	}
	packed := filepath.Join(filepath.Dir(path), "prices.parquet.gz")
	if err := os.WriteFile(packed, []byte("packed"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.types("", "dataset", "add", "p", packed).check(t, exitOK, "", "")
	if kind != "application/vnd.apache.parquet?" || body != "packed" {
		t.Errorf("sent %q as %q", body, kind)
	}
	p.types("", "dataset", "append", "p@2", path, "--replace").check(t, exitOK, "p@3: 2 assets, 20 values, 2024-01-01 to 2024-01-10, daily\n"+
		"  2 rows were appended to p@2, which replaced 1 value\n", "")
	if kind != `"2" text/csv?replace=true` || body != "the file" {
		t.Errorf("sent %q as %q", body, kind)
	}
	p.types("", "dataset", "append", "p", path).check(t, exitOK, "", "")
	if kind != "* text/csv?" {
		t.Errorf("sent %q", kind)
	}
	p.types("", "dataset", "append", "p@x", path).check(t, exitUsage, "", "neither the name of a dataset")
	p.types("", "dataset", "add", "p", "-").check(t, exitUsage, "", "give --format")
	p.types("", "dataset", "add", "p", "prices.doc").check(t, exitUsage, "", "give --format")
	p.types("", "dataset", "add", "p", filepath.Join(t.TempDir(), "missing.csv")).check(t, exitUsage, "", "no such file")
	p.types("", "dataset", "add", "p", filepath.Dir(path), "--format", "csv").check(t, exitUsage, "", "is a directory")
}

func TestDatasetFromAnAddress(t *testing.T) {
	var sent string
	s := newScript(t, map[string]http.HandlerFunc{
		"POST /v1/datasets/p/import": func(w http.ResponseWriter, r *http.Request) {
			text, _ := io.ReadAll(r.Body)
			sent = r.URL.RawQuery + " " + string(text)
			v := versionOf("p", 3)
			v.Audit.Source = "s3://b/prices.csv"
			answer(http.StatusCreated, v)(w, r)
		},
	})
	p := newPerson(t, s)
	p.signIn()
	p.types("", "dataset", "upload", "p", "--from", "https://example.com/a.csv?x=1", "--value", "close").check(t, exitOK, "p@3: 2 assets, 20 values, 2024-01-01 to 2024-01-10, daily\n"+
		"  fetched from s3://b/prices.csv\n"+
		"  4 missing values: line 7 A empty value; line 8 empty value; line 9 empty value\n"+
		"  1 missing value was filled with the previous value\n", "")
	if want := `value=close {"url":"https://example.com/a.csv?x=1"}`; sent != want {
		t.Errorf("sent %s, want %s", sent, want)
	}
	store := []string{"dataset", "add", "p", "--from", "s3://b/prices.csv", "--s3-endpoint", "https://s3.example.com", "--s3-region", "r"}
	t.Setenv("AWS_ACCESS_KEY_ID", "id")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	t.Setenv("AWS_SESSION_TOKEN", "token")
	p.types("", append(store, "--format", "tsv")...).check(t, exitOK, "", "")
	if want := `format=csv {"url":"s3://b/prices.csv","s3":{"endpoint":"https://s3.example.com","region":"r"}}`; sent != want {
		t.Errorf("without --aws-key: sent %s, want %s", sent, want)
	}
	p.types("", append(store, "--aws-key")...).check(t, exitOK, "", "")
	if want := ` {"url":"s3://b/prices.csv","s3":{"endpoint":"https://s3.example.com","region":"r","access_key_id":"id","secret_access_key":"secret","session_token":"token"}}`; sent != want {
		t.Errorf("sent %s, want %s", sent, want)
	}
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	p.types("", append(store, "--aws-key")...).check(t, exitUsage, "", "needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
	p.types("", append(store, "--format", "doc")...).check(t, exitUsage, "", "is not a format")
	p.types("", "dataset", "add", "p", "--from", "https://example.com/a.csv", "--s3-region", "r").check(t, exitUsage, "", "begins with s3://")
	p.types("", "dataset", "add", "p", "a.csv", "--aws-key").check(t, exitUsage, "", "go with --from")
	p.types("", "dataset", "add", "p", "a.csv", "--from", "https://example.com/a.csv").check(t, exitUsage, "", "but was given")
}

func TestDatasetThatIsRejected(t *testing.T) {
	t.Parallel()
	s := newScript(t, map[string]http.HandlerFunc{
		"POST /v1/datasets/p": refuse(problem.New(problem.Invalid, "the file is rejected",
			problem.Fault{Pointer: "line 3", Detail: `has no number: "many"`})),
	})
	p := newPerson(t, s)
	p.signIn()
	p.types("x", "dataset", "add", "p", "-", "--format", "csv").check(t, exitUsage, "",
		"foliocast: the file is rejected\n  line 3 has no number: \"many\"\n")
}

func TestDatasetListAndShow(t *testing.T) {
	t.Parallel()
	s := newScript(t, map[string]http.HandlerFunc{
		"GET /v1/datasets": func(w http.ResponseWriter, r *http.Request) {
			page := client.Datasets{Items: []client.Version{versionOf("p", 3)}, Next: "p"}
			if r.URL.Query().Get("after") == "p" {
				page = client.Datasets{Items: []client.Version{versionOf("q", 1)}}
			}
			answer(http.StatusOK, page)(w, r)
		},
		"GET /v1/datasets/p": func(w http.ResponseWriter, r *http.Request) {
			page := client.Versions{Items: []client.Version{versionOf("p", 3)}}
			if r.URL.Query().Get("before") == "3" {
				page.Items[0].Version = 1
			}
			answer(http.StatusOK, page)(w, r)
		},
		"GET /v1/datasets/bars": func(w http.ResponseWriter, r *http.Request) {
			bars := versionOf("bars", 1)
			bars.Column, bars.Further = "close", []client.Column{{Column: "open"}, {Column: "adj_close"}}
			answer(http.StatusOK, client.Versions{Items: []client.Version{bars}})(w, r)
		},
		"GET /v1/datasets/bars/assets": answer(http.StatusOK, client.Assets{Items: []client.AssetInfo{{Asset: "A", Values: 10}}}),
		"GET /v1/datasets/p/assets": func(w http.ResponseWriter, r *http.Request) {
			page := client.Assets{Items: []client.AssetInfo{{Asset: "A", Values: 10}}, Next: 1}
			if r.URL.Query().Get("offset") == "1" {
				page = client.Assets{Items: []client.AssetInfo{{Asset: "B", Values: 10}}}
			}
			answer(http.StatusOK, page)(w, r)
		},
	})
	p := newPerson(t, s)
	p.signIn()
	p.types("", "dataset", "list").check(t, exitOK, "DATASET  VERSION  ASSETS  VALUES  FROM        TO          FREQ  OWNER  CREATED\n"+
		"p              3       2      20  2024-01-01  2024-01-10  D     ann\n"+
		"q              1       2      20  2024-01-01  2024-01-10  D     ann\n", "")
	p.types("", "dataset", "show", "p").check(t, exitOK, "B          10       0", "")
	p.types("", "dataset", "show", "bars").check(t, exitOK, "bars@1: 2 assets, 20 values, 2024-01-01 to 2024-01-10, daily\n"+
		"  jobs use the column close, or with --column open, adj_close\n", "")
	p.types("", "dataset", "show", "p", "--json").check(t, exitOK, `"asset": "B"`, "")
	p.types("", "dataset", "show", "p@2").check(t, exitNotFound, "", "dataset p has no version 2")
	p.types("", "dataset", "show", "no such name").check(t, exitUsage, "", "is neither the name of a dataset")
	p.types("", "dataset", "show", "r").check(t, exitNotFound, "", "there is no")
}

func TestDatasetSynth(t *testing.T) {
	t.Parallel()
	body := ""
	s := newScript(t, map[string]http.HandlerFunc{
		"POST /v1/datasets/room": func(w http.ResponseWriter, r *http.Request) {
			text, _ := io.ReadAll(r.Body)
			body = string(text)
			answer(http.StatusCreated, versionOf("room", 1))(w, r)
		},
	})
	p := newPerson(t, s)
	p.signIn()
	p.types("", "dataset", "synth", "room", "--assets", "3", "--days", "4", "--seed", "5").check(t, exitOK, "room@1", "")
	if body != classroomText(t, classroom{Assets: 3, Days: 4, Seed: 5}) || strings.Count(body, "\n") != 13 {
		t.Errorf("sent %q", body)
	}
	p.types("", "dataset", "synth", "room", "--assets", "0").check(t, exitUsage, "", "--assets must be 1 to")
	s.answers["POST /v1/datasets/room"] = refuse(problem.New(problem.TooLarge, "the body is over the limit"))
	p.types("", "dataset", "synth", "room").check(t, exitUsage, "", "over the limit")
}
