package clients

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// python is that of the system, which has pandas.
const python = "/usr/bin/python3"

// run runs Python in the folder of the client.
func run(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command(python, args...)
	cmd.Dir, cmd.Env = "python", append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
	text, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("python3 %s: %v\n%s", strings.Join(args, " "), err, text)
	}
	return string(text)
}

// The tests of the client in its own language. A warning is a fault.
func TestPython(t *testing.T) {
	t.Parallel()
	if text := run(t, "-W", "error", "-m", "unittest", "test_foliocast"); !strings.Contains(text, "\nOK\n") {
		t.Error(text)
	}
}

// The client needs the standard library alone: -I -S has no other modules.
func TestPythonAlone(t *testing.T) {
	t.Parallel()
	text := run(t, "-I", "-S", "-c", `
import sys
sys.path.insert(0, ".")
import foliocast
frame = foliocast._Frame([{"ds": 1, "y": 2}])
print(frame.body(), frame.result(b"unique_id,ds,model,mean\nA,3,ar,1.5\n", None), foliocast._Frame("prices").family)`)
	if want := "(b'ds,y\\n1,2\\n', 'text/csv') [{'unique_id': 'A', 'ds': 3, 'model': 'ar', 'mean': 1.5}] rows\n"; text != want {
		t.Errorf("got %s, want %s", text, want)
	}
}

// The wheel and the sdist have the client, byte for byte, and the version that it says.
func TestPythonPackage(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	run(t, "package.py", folder)
	version := strings.TrimSpace(run(t, "-c", "import foliocast; print(foliocast.__version__)"))
	wheel, err := zip.OpenReader(filepath.Join(folder, "foliocast-"+version+"-py3-none-any.whl"))
	if err != nil {
		t.Fatal(err)
	}
	defer wheel.Close()
	text, err := fs.ReadFile(wheel, "foliocast.py")
	if err != nil || !bytes.Equal(text, Python) {
		t.Errorf("the wheel has %d bytes, %v", len(text), err)
	}
	if text := inSource(t, filepath.Join(folder, "foliocast-"+version+".tar.gz"), "foliocast-"+version+"/foliocast.py"); !bytes.Equal(text, Python) {
		t.Errorf("the sdist has %d bytes", len(text))
	}
	if left, err := filepath.Glob("python/*.egg-info"); err != nil || left != nil {
		t.Errorf("the build left %v, %v", left, err)
	}
}

// inSource is a file of an sdist.
func inSource(t *testing.T, path, name string) []byte {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	for archive := tar.NewReader(z); ; {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			t.Fatalf("%s has no %s", path, name)
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Name == name {
			text, err := io.ReadAll(archive)
			if err != nil {
				t.Fatal(err)
			}
			return text
		}
	}
}
