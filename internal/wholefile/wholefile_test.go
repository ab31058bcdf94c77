package wholefile

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A report is replaced as a whole: a reader has all of the old one or all of the new one, and a failure leaves nothing behind.
func TestSecurityReportsAreWhole(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "report.xml")
	old, next := strings.Repeat("old", 100_000), "new"
	if err := Write(file, []byte(old), 0o644); err != nil {
		t.Fatal(err)
	}
	reader, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if err := Write(file, []byte(next), 0o644); err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(reader); err != nil || string(text) != old {
		t.Errorf("a reader of the old report has %d bytes, %v", len(text), err)
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != next {
		t.Errorf("the new report is %.20q, %v", text, err)
	}
	if err := Write(filepath.Join(dir, "nowhere", "report.xml"), nil, 0o644); err == nil {
		t.Error("a report in a directory that does not exist is written")
	}
	if err := Write(dir, nil, 0o644); err == nil {
		t.Error("a directory is replaced by a report")
	}
	if all, err := os.ReadDir(dir); err != nil || len(all) != 1 {
		t.Errorf("the directory has %v, %v", all, err)
	}
}
