package main

import (
	"os"

	"github.com/xunshi/xunshi/services/casefile"
	"github.com/xunshi/xunshi/services/kit/daemon"
)

func main() { os.Exit(daemon.Main(casefile.Program())) }
