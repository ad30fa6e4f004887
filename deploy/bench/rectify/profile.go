package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"syscall"
	"time"
)

// profileOnSignal writes the CPU profile of this process to the file between one
// SIGUSR1 and the next. Only this program does that: a product process shows nothing
// of its inside.
func profileOnSignal(ctx context.Context, file string) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGUSR1)
	go func() {
		for ctx.Err() == nil {
			<-signals
			out, err := os.Create(file)
			if err == nil {
				err = pprof.StartCPUProfile(out)
			}
			if err != nil {
				fmt.Fprintln(os.Stderr, "no profile:", err)
				continue
			}
			<-signals
			pprof.StopCPUProfile()
			_ = out.Close() // a profile cut short is seen when it is read
		}
	}()
}

func profileFile(dir, process string) string { return filepath.Join(dir, process+".pprof") }

// profile shows where the service and the edge spend their time in each action over
// REST.
func (b *bench) profile(ctx context.Context, dir string, out io.Writer) error {
	pids := map[string]int{"rectification": b.subject.Stack.Services["rectification"], "edge": b.subject.cmd.Process.Pid}
	toggle := func() error {
		for _, pid := range pids {
			if err := syscall.Kill(pid, syscall.SIGUSR1); err != nil {
				return err
			}
		}
		return nil
	}
	for _, action := range b.Actions {
		for _, c := range b.contenders[action] {
			if c.name != "REST" {
				continue
			}
			if err := toggle(); err != nil {
				return err
			}
			if _, err := b.one(ctx, c, 8, max(5*time.Second, b.Duration)); err != nil {
				return err
			}
			if err := toggle(); err != nil {
				return err
			}
			time.Sleep(time.Second) // the file is written
			for process := range pids {
				file := profileFile(dir, action+"-"+process)
				if err := os.Rename(profileFile(dir, process), file); err != nil {
					return err
				}
				fmt.Fprintf(out, "\n%s, %s: %s\n", action, process, file)
				top := exec.CommandContext(ctx, "go", "tool", "pprof", "-top", "-cum", "-nodecount=45", file)
				top.Stdout, top.Stderr = out, os.Stderr
				if err := top.Run(); err != nil {
					return fmt.Errorf("go tool pprof: %w", err)
				}
			}
		}
	}
	return nil
}
