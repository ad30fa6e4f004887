package main

import (
	"os"

	"github.com/xunshi/xunshi/services/kit/daemon"
	"github.com/xunshi/xunshi/services/rectification"
)

func main() { os.Exit(daemon.Main(rectification.Program())) }
