package pgtest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/xunshi/xunshi/services/kit/pgcluster"
)

const prefix = "xunshi-pgtest-"

// sharedCluster starts the cluster of this test process at the first call. The
// server dies with the process, and the next process sweeps its folder.
var sharedCluster = sync.OnceValues(func() (*pgcluster.Cluster, error) {
	root := "/dev/shm" // a clone takes 40 ms there and up to a second on a busy disk
	if info, err := os.Stat(root); err != nil || !info.IsDir() {
		root = os.TempDir()
	}
	sweep(root)
	dir := filepath.Join(root, prefix+strconv.Itoa(os.Getpid()))
	c, err := pgcluster.Start(context.Background(), pgcluster.Options{Dir: dir})
	if err != nil {
		return nil, fmt.Errorf("start PostgreSQL for tests: %w", err)
	}
	return c, nil
})

// sweep removes what processes that are gone have left.
func sweep(root string) {
	left, err := filepath.Glob(filepath.Join(root, prefix+"*"))
	if err != nil {
		return
	}
	for _, dir := range left {
		number := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(dir), prefix), ".sock")
		pid, err := strconv.Atoi(number)
		if err == nil && syscall.Kill(pid, 0) == syscall.ESRCH {
			_ = os.RemoveAll(dir) // somebody else may have been quicker
		}
	}
}
