package up

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestLogIsBounded(t *testing.T) {
	t.Parallel()
	l, err := openLog(filepath.Join(t.TempDir(), "part.log"), 10)
	if err != nil {
		t.Fatal(err)
	}
	defer l.close()
	write := func(text string) {
		t.Helper()
		if _, err := l.file.WriteString(text); err != nil {
			t.Fatal(err)
		}
		if err := l.trim(); err != nil {
			t.Fatal(err)
		}
	}
	write("one\ntwo\n")
	if got := l.tail(5); got != "one\ntwo" {
		t.Errorf("got %q", got)
	}
	write("three\n")
	if got, _ := os.ReadFile(l.path + ".1"); string(got) != "one\ntwo\nthree\n" || l.tail(5) != "" {
		t.Errorf("aside %q, now %q", got, l.tail(5))
	}
	write("four\n")
	write("five\n")
	if got := l.tail(1); got != "five" {
		t.Errorf("got %q", got)
	}
	write("more than twice ten bytes keep their end\n")
	if got, _ := os.ReadFile(l.path + ".1"); string(got) != "ytes keep their end\n" {
		t.Errorf("aside %q", got)
	}
}

// A log that is trimmed is not read into memory.
func TestLogIsTrimmedInLittleMemory(t *testing.T) {
	l, err := openLog(filepath.Join(t.TempDir(), "part.log"), maxLog)
	if err != nil {
		t.Fatal(err)
	}
	defer l.close()
	if err := l.file.Truncate(maxLog + 1); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err = l.trim()
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; err != nil || took > maxLog/8 {
		t.Errorf("%v, and it took %d bytes to trim a log of %d", err, took, maxLog+1)
	}
	if info, err := os.Stat(l.path + ".1"); err != nil || info.Size() != maxLog+1 {
		t.Errorf("%v, %v", info, err)
	}
}

func TestLogsAreFollowed(t *testing.T) {
	t.Parallel()
	l, err := openLog(filepath.Join(t.TempDir(), "part.log"), 20)
	if err != nil {
		t.Fatal(err)
	}
	defer l.close()
	write := func(text string) {
		t.Helper()
		if _, err := l.file.WriteString(text); err != nil {
			t.Fatal(err)
		}
	}
	write("before\n")
	at := l.size()
	var got bytes.Buffer
	f := followed{to: &got}
	step := func(want string, all bool) {
		t.Helper()
		got.Reset()
		if at = f.copy(l, at, all); got.String() != want {
			t.Errorf("got %q, want %q", &got, want)
		}
	}
	step("", false)
	write("one\ntw")
	step("one\n", false)
	write("o\nthree\n")
	step("two\nthree\n", false)
	if err := l.trim(); err != nil {
		t.Fatal(err)
	}
	write("four\n")
	step("four\n", false)
	write("without an end")
	step("without an end", true)
}
