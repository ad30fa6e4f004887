package main

import (
	"os"

	"github.com/xunshi/xunshi/services/kit/daemon"
	"github.com/xunshi/xunshi/services/scheduling"
)

func main() { os.Exit(daemon.Main(scheduling.Program())) }
