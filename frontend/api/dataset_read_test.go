package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/frontend/client"
	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/internal/series"
)

func TestDatasetPages(t *testing.T) {
	t.Parallel()
	s := newService(t)
	for _, name := range []string{"c", "a", "b"} {
		s.upload(name, smallCSV)
	}
	s.upload("b", smallCSV+"FTSE,2024-01-04,8\n")
	c := s.as(auth.DatasetsRead)
	var got []string
	for after := ""; ; {
		page, err := c.Datasets(t.Context(), after, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range page.Items {
			got = append(got, fmt.Sprintf("%s@%d", d.Name, d.Version))
		}
		if after = page.Next; after == "" {
			break
		}
	}
	if d := cmp.Diff([]string{"a@1", "b@2", "c@1"}, got); d != "" {
		t.Error(d)
	}
	page, err := c.Versions(t.Context(), "b", 0, 1)
	if err != nil || len(page.Items) != 1 || page.Items[0].Version != 2 || page.Next != 2 {
		t.Fatalf("got %+v, %v", page, err)
	}
	page, err = c.Versions(t.Context(), "b", page.Next, 1)
	if err != nil || len(page.Items) != 1 || page.Items[0].Version != 1 || page.Next != 0 {
		t.Errorf("got %+v, %v", page, err)
	}
	if _, err := c.Versions(t.Context(), "none", 0, 0); !problem.Is(err, problem.NotFound) {
		t.Errorf("got %v", err)
	}
}

func TestAssetsOfADataset(t *testing.T) {
	t.Parallel()
	s := newService(t)
	d := s.upload("prices", smallCSV)
	c := s.as(auth.DatasetsRead)
	page, err := c.Assets(t.Context(), "prices", 0, 1, 5)
	if err != nil {
		t.Fatal(err)
	}
	want := client.Assets{Dataset: d.Dataset, Total: 2,
		Items: []client.AssetInfo{{Asset: "FTSE", Values: 3, From: "2024-01-01", To: "2024-01-03", Freq: page.Items[0].Freq}}}
	if d := cmp.Diff(want, page); d != "" {
		t.Error(d)
	}
	if page, err = c.Assets(t.Context(), "prices", 1, 0, 1); err != nil || page.Next != 1 || len(page.Items) != 1 {
		t.Errorf("got %+v, %v", page, err)
	}
	if page, err = c.Assets(t.Context(), "prices", 1, 7, 1); err != nil || page.Next != 0 || len(page.Items) != 0 {
		t.Errorf("past the end: got %+v, %v", page, err)
	}
	if _, err = c.Assets(t.Context(), "prices", 2, 0, 0); !problem.Is(err, problem.NotFound) {
		t.Errorf("got %v", err)
	}
}

func TestDatasetFile(t *testing.T) {
	t.Parallel()
	s := newService(t)
	d := s.upload("prices", smallCSV)
	var b bytes.Buffer
	if err := s.as(auth.DatasetsRead).DatasetFile(t.Context(), job.Dataset{Name: "prices", Version: 1}, &b); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(b.Bytes())
	if hex.EncodeToString(sum[:]) != d.SHA256 || int64(b.Len()) != d.Bytes {
		t.Errorf("got %d bytes that hash to %x", b.Len(), sum)
	}
	path := "/v1/datasets/prices/versions/1/file"
	part := s.send("GET", path, "", "Range", "bytes=0-5")
	if part.status != http.StatusPartialContent || part.body != b.String()[:6] || part.header.Get("Content-Type") != arrowFileMedia {
		t.Errorf("a range: got %d, %q", part.status, part.body)
	}
	if same := s.send("GET", path, "", "If-None-Match", `"`+d.SHA256+`"`); same.status != http.StatusNotModified {
		t.Errorf("the known entity tag: got %d", same.status)
	}
	if none := s.send("GET", "/v1/datasets/prices/versions/2/file", ""); none.status != http.StatusNotFound {
		t.Errorf("an unknown version: got %d", none.status)
	}
}

// What is saved has a name, and HEAD tells what GET would, without the content.
func TestDownloadsHaveNames(t *testing.T) {
	t.Parallel()
	s := newService(t)
	d := s.upload("prices", smallCSV)
	id := string(s.ended(doneResult))
	for _, c := range []struct{ path, accept, name, length, cache string }{
		{"/v1/datasets/prices/versions/1/file", "*/*", "prices-1.arrow", strconv.FormatInt(d.Bytes, 10), "private, immutable, max-age=31536000"},
		{"/v1/jobs/" + id + "/result", csvMedia, "job-" + id + ".csv", "", "no-store"},
		{"/v1/jobs/" + id + "/result", parquetMedia, "job-" + id + ".parquet", "", "no-store"},
	} {
		got, head := s.send("GET", c.path, "", "Accept", c.accept), s.send("HEAD", c.path, "", "Accept", c.accept)
		if got.status != http.StatusOK || got.body == "" || head.status != http.StatusOK || head.body != "" {
			t.Errorf("%s: GET %d with %d bytes, HEAD %d with %d", c.name, got.status, len(got.body), head.status, len(head.body))
		}
		for name, want := range map[string]string{
			"Content-Disposition": "attachment; filename=" + c.name, "Cache-Control": c.cache, "X-Content-Type-Options": "nosniff",
			"Content-Type": got.header.Get("Content-Type"),
		} {
			if get, head := got.header.Get(name), head.header.Get(name); get != want || head != want {
				t.Errorf("%s: %s of GET is %q and of HEAD %q, want %q", c.name, name, get, head, want)
			}
		}
		if length := head.header.Get("Content-Length"); c.length != "" && length != c.length {
			t.Errorf("%s: HEAD says %s bytes, want %s", c.name, length, c.length)
		}
	}
}

// The directory was lost: the answer says so, and the same upload repairs it.
func TestLostFile(t *testing.T) {
	t.Parallel()
	s := newService(t)
	d := s.upload("prices", smallCSV)
	if err := os.Remove(filepath.Join(archiveDir(t, s), d.SHA256+".arrow")); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/v1/datasets/prices/versions/1/file", "/v1/datasets/prices/assets"} {
		if got := s.send("GET", path, ""); got.status != http.StatusInternalServerError || !strings.Contains(got.problem.Detail, "upload it again") {
			t.Errorf("%s: got %d: %s", path, got.status, got.body)
		}
	}
	s.upload("prices", smallCSV)
	if got := s.send("GET", "/v1/datasets/prices/assets", ""); got.status != http.StatusOK {
		t.Errorf("got %d: %s", got.status, got.body)
	}
}

// The client has every field of the reader's audit.
func TestClientHasTheWholeAudit(t *testing.T) {
	t.Parallel()
	finding := series.Findings{Count: 2, First: []series.Finding{{Line: 3, Column: "y", Asset: "A", Reason: "r"}}}
	want := series.Audit{Form: "long", Dialect: "separated by tabs", Source: "https://example.com/a.csv", Rows: 1, Assets: 2, Values: 3, From: "a", To: "b", Freq: "D", Calendar: "days", Filled: 4,
		Duplicates: finding, Unreadable: finding, Merged: finding, Missing: finding, NonFinite: finding, NonPositive: finding,
		Unsorted: finding, Gaps: finding, Splits: finding, Empty: finding, Zones: finding, OffCalendar: finding,
		SamePeriod: finding, Irregular: finding, Zone: "UTC", Notes: []string{"n"}, Column: "close", Columns: []string{"close", "volume"}}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var crossed client.Audit
	strict := json.NewDecoder(bytes.NewReader(text))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&crossed); err != nil {
		t.Fatal(err)
	}
	back, err := json.Marshal(crossed)
	if err != nil {
		t.Fatal(err)
	}
	var got series.Audit
	if err := json.Unmarshal(back, &got); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
