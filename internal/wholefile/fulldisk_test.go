//go:build unix

package wholefile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/idmock/idmock/internal/testenv"
)

// On a full disk the error says so, and the old file stays whole.
func TestSecurityReportOnAFullDisk(t *testing.T) {
	testenv.FullDisk(t, 4<<10, func() {
		dir := t.TempDir()
		file := filepath.Join(dir, "report.xml")
		if err := Write(file, []byte("old"), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := Write(file, make([]byte, 8<<10), 0o644); err == nil || !strings.Contains(err.Error(), "file too large") {
			t.Errorf("a report that has no room: %v", err)
		}
		if text, err := os.ReadFile(file); err != nil || string(text) != "old" {
			t.Errorf("the old report is %.20q, %v", text, err)
		}
		if all, err := os.ReadDir(dir); err != nil || len(all) != 1 {
			t.Errorf("the directory has %v, %v", all, err)
		}
	})
}
