package up

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

const (
	maxLog  = 8 << 20          // bytes of a log; one older file of about that size is kept
	logTick = 10 * time.Second // between two checks of its size
)

// logFile is a part's output on disk, kept over its restarts. The processes
// write to it themselves, so that their last lines arrive even when the supervisor
// is gone.
type logFile struct {
	path string
	most int64
	file *os.File // open for appending
}

func openLog(path string, most int64) (*logFile, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open log: %w", err)
	}
	return &logFile{path: path, most: most, file: f}, nil
}

func (l *logFile) close() { l.file.Close() }

func (l *logFile) size() int64 {
	info, err := l.file.Stat()
	if err != nil {
		return 0
	}
	return info.Size()
}

// trim moves the content of a log that is too large to another file. What the
// process writes at that moment is lost: a log must not fill the disk.
func (l *logFile) trim() error {
	if l.size() <= l.most {
		return nil
	}
	if err := l.setAside(); err != nil {
		return fmt.Errorf("trim log: %w", err)
	}
	if err := l.file.Truncate(0); err != nil {
		return fmt.Errorf("trim log: %w", err)
	}
	return nil
}

// setAside copies the end of the log to the other file: the log may be far larger. It is never in memory, where the supervisor of a
// quiet system would keep as much for hours.
func (l *logFile) setAside() error {
	from, err := os.Open(l.path)
	if err != nil {
		return err
	}
	defer from.Close()
	if _, err := from.Seek(max(0, l.size()-2*l.most), io.SeekStart); err != nil {
		return err
	}
	to, err := os.OpenFile(l.path+".1", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, io.LimitReader(from, 2*l.most))
	return errors.Join(err, to.Close())
}

// tail returns the last n lines.
func (l *logFile) tail(n int) string {
	text := l.read(max(0, l.size()-64<<10))
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// read returns the content from an offset on.
func (l *logFile) read(from int64) []byte {
	f, err := os.Open(l.path)
	if err != nil {
		return nil
	}
	defer f.Close()
	text, err := io.ReadAll(io.NewSectionReader(f, from, 2*l.most))
	if err != nil {
		return nil
	}
	return text
}
