package pgcluster

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestFolderIsNotGivenAwayThroughALink: who can write beside the cluster must not
// make root hand over another folder.
func TestFolderIsNotGivenAwayThroughALink(t *testing.T) {
	us := &account{name: "ourselves", uid: uint32(os.Geteuid()), gid: uint32(os.Getegid())}
	base := t.TempDir()
	victim, link, file := filepath.Join(base, "victim"), filepath.Join(base, "link"), filepath.Join(base, "file")
	for _, err := range []error{os.Mkdir(victim, 0o700), os.Symlink(victim, link), os.WriteFile(file, nil, 0o600)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for path, ok := range map[string]bool{victim: true, link: false, file: false} {
		if err := us.mayTake(path); (err == nil) != ok {
			t.Errorf("%s: %v", filepath.Base(path), err)
		}
		if err := us.makeFolder(path); !ok && err == nil {
			t.Errorf("%s was taken", filepath.Base(path))
		}
	}
}

// TestFolderOfAnotherIsNotTaken: /proc/1 is root's, and for root somebody else's
// folder is made by giving one away.
func TestFolderOfAnotherIsNotTaken(t *testing.T) {
	const stranger = 4_000_000
	dir := t.TempDir()
	if os.Geteuid() != 0 {
		dir = "/proc/1"
	} else if err := os.Lchown(dir, stranger, stranger); err != nil {
		t.Fatal(err)
	}
	a := &account{name: "account", uid: stranger + 1, gid: stranger + 1}
	if err := a.makeFolder(dir); err == nil {
		t.Error("it was taken")
	}
	if info, err := os.Lstat(dir); err != nil || info.Sys().(*syscall.Stat_t).Uid == a.uid {
		t.Errorf("the owner changed, %v", err)
	}
}
