package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of /proc/*/stat: USER_HZ, 100 on every Linux.
const tick = 10 * time.Millisecond

// usage is the CPU time that a process has taken; with its children, those that
// have ended too.
func usage(pid int, children bool) (time.Duration, error) {
	own, err := stat(pid)
	if err != nil {
		return 0, err
	}
	total := own.self
	if !children {
		return total * tick, nil
	}
	total += own.ended
	all, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return 0, err
	}
	for _, dir := range all {
		child, err := strconv.Atoi(filepath.Base(dir))
		if err != nil {
			continue
		}
		if s, err := stat(child); err == nil && s.parent == pid { // it may be gone by now
			total += s.self
		}
	}
	return total * tick, nil
}

// times are in ticks.
type times struct {
	parent      int
	self, ended time.Duration
}

func stat(pid int) (times, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return times{}, err
	}
	// The name in parentheses may hold anything; the fields follow it.
	_, rest, _ := strings.Cut(string(text[strings.LastIndexByte(string(text), ')'):]), " ")
	fields := strings.Fields(rest)
	if len(fields) < 15 {
		return times{}, fmt.Errorf("/proc/%d/stat is cut short", pid)
	}
	number := func(i int) time.Duration {
		n, _ := strconv.ParseInt(fields[i], 10, 64) // the kernel writes numbers
		return time.Duration(n)
	}
	return times{parent: int(number(1)), self: number(11) + number(12), ended: number(13) + number(14)}, nil
}
