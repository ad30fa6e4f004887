.PHONY: gen lint test run bench

gen: # protos → gen/, offline
	go run ./deploy/protodeps && go tool buf format -w proto && go tool buf generate --template proto/buf.gen.yaml && go run ./deploy/apidoc

lint: # buf lint, gofmt, go vet, staticcheck, archtest
	bash .ci/lint

test:
	go run ./deploy/pgensure && go test ./...

run: # the whole system on this machine; Ctrl-C stops it
	go run ./deploy/devstack

bench:
	go test -run '^$$' -bench . ./deploy/bench && go run ./deploy/bench/rectify
