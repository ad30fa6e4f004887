package main

import (
	"context"
	"log"
	"os"
	"os/signal"

	"github.com/xunshi/xunshi/services/kit/pgcluster"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := pgcluster.Ensure(ctx, os.Stderr); err != nil {
		log.Fatal(err)
	}
}
