package pgcluster

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// ErrClosedFolder says that the unprivileged user cannot get to the folder,
// because one above it is closed, as /root is.
var ErrClosedFolder = errors.New("folder closed to the user that PostgreSQL runs as")

// account is whom PostgreSQL runs as. Nil means as ourselves.
type account struct {
	name     string
	uid, gid uint32
}

// unprivileged picks an account when we are root, whom PostgreSQL refuses.
func unprivileged() (*account, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("user id of %s: %w", name, err)
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("group id of %s: %w", name, err)
		}
		return &account{name: name, uid: uint32(uid), gid: uint32(gid)}, nil
	}
	return nil, errors.New("PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody")
}

// credential drops every supplementary group too.
func (a *account) credential() *syscall.Credential {
	if a == nil {
		return nil
	}
	return &syscall.Credential{Uid: a.uid, Gid: a.gid}
}

// makeFolder makes dir for the account alone. Only dir itself changes owner, never
// what was there before. A folder that stands already must be a real one and ours
// or the account's: root must not be led by a planted link, or give away what
// belongs to somebody else.
func (a *account) makeFolder(dir string) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if a == nil {
		return nil
	}
	if err := a.mayTake(dir); err != nil {
		return err
	}
	if err := os.Lchown(dir, int(a.uid), int(a.gid)); err != nil {
		return fmt.Errorf("give folder to %s: %w", a.name, err)
	}
	return a.reach(dir)
}

func (a *account) mayTake(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is a %v and no folder", dir, info.Mode().Type())
	}
	if st, ok := info.Sys().(*syscall.Stat_t); !ok || int(st.Uid) != os.Geteuid() && st.Uid != a.uid {
		return fmt.Errorf("%s belongs to somebody else", dir)
	}
	return nil
}

// reach walks up from dir and looks for a folder that the account may not enter.
func (a *account) reach(dir string) error {
	for parent := filepath.Dir(dir); ; parent = filepath.Dir(parent) {
		info, err := os.Stat(parent)
		if err != nil {
			return err
		}
		bit := fs.FileMode(0o001)
		if st, ok := info.Sys().(*syscall.Stat_t); ok && st.Uid == a.uid {
			bit = 0o100
		} else if ok && st.Gid == a.gid {
			bit = 0o010
		}
		if info.Mode().Perm()&bit == 0 {
			return fmt.Errorf("%w %s: %s has mode %v; keep the cluster elsewhere", ErrClosedFolder, a.name, parent, info.Mode().Perm())
		}
		if parent == filepath.Dir(parent) {
			return nil
		}
	}
}
