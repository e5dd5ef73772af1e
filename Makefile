# Everything that is done with this project, by name. `make help` lists it.
.DEFAULT_GOAL := help
SHELL := /bin/bash

# Every program but mpicalc builds without a C compiler and without MPI.
PROGRAMS := authsvc frontend queue foliocast
CGO_PACKAGES := ./mpicalc ./mpicalc/mpi/...
MPI_RANKS := 1 2 3 4
MPIRUN := mpirun --bind-to none --oversubscribe
ifeq ($(shell id -u),0)
export OMPI_ALLOW_RUN_AS_ROOT := 1
export OMPI_ALLOW_RUN_AS_ROOT_CONFIRM := 1
endif
VERSION := $(shell git describe --always --dirty 2>/dev/null)
LDFLAGS := -ldflags '-X foliocast/internal/cli.version=$(VERSION)'

.PHONY: help go setup setup-test build demo check lint test test-mpi e2e bench bench-mpi clean

help: ## list what can be made
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

go:
	@command -v go >/dev/null || { echo "Foliocast needs Go 1.26 or newer: install it from https://go.dev/dl and put it on PATH." >&2; exit 1; }

setup: go ## install what is missing to build and run
	@docker/install-deps.sh build run

setup-test: go
	@docker/install-deps.sh

build: setup ## build the five programs into bin/
	@mkdir -p bin
	CGO_ENABLED=0 go build $(LDFLAGS) -o bin/ $(addprefix ./,$(PROGRAMS))
	CGO_ENABLED=1 go build $(LDFLAGS) -o bin/ ./mpicalc

demo: build ## forecast a real portfolio with the whole system, then stop it
	@bin/foliocast demo --data docs/data/eustockmarkets.csv

check: setup-test lint build test test-mpi e2e ## run every check and every test
	@echo "check: all passed"

lint: go ## gofmt, vet and staticcheck
	@unformatted=$$(gofmt -l $$(git ls-files --cached --others --exclude-standard '*.go')); \
		if [ -n "$$unformatted" ]; then echo "gofmt would change: $$unformatted" >&2; exit 1; fi
	go vet ./...
	@mkdir -p bin
	go build -C tools -o ../bin/staticcheck honnef.co/go/tools/cmd/staticcheck
	bin/staticcheck ./...

# go test's own timeout is a bound on hangs, not a wish.
test: setup-test ## tests of all packages that need no MPI, without cgo
	CGO_ENABLED=0 go test -timeout 5m $$(CGO_ENABLED=0 go list ./... | grep -vE '/mpicalc$$|/mpicalc/mpi(/|$$)|/internal/e2e$$')

test-mpi: setup-test ## tests of the MPI packages, on 1 to 4 ranks
	@mkdir -p bin
	go test -c -o bin/mpi.test ./mpicalc/mpi
	@for n in $(MPI_RANKS); do echo "mpicalc/mpi on $$n ranks"; \
		(cd mpicalc/mpi && timeout 120 $(MPIRUN) -np $$n ../../bin/mpi.test -test.timeout 100s) || exit 1; done
	go test -timeout 5m $(CGO_PACKAGES)

e2e: build setup-test ## the built programs, all the way round
	CGO_ENABLED=0 go test -count 1 -timeout 12m ./internal/e2e/...

bench: build ## benchmarks of the parts that promise speed
	CGO_ENABLED=0 go test -run '^$$' -bench . -benchmem ./mpicalc/forecast ./mpicalc/spmd ./internal/series/...
	CGO_ENABLED=0 go test -run '^$$' -bench 'Jobs|Answer' -benchtime 20x -timeout 20m ./internal/e2e

bench-mpi: build ## the binding against C, scaling, and a projection
	CGO_ENABLED=1 go build -o bin/ ./mpicalc/mpi/pingpong ./mpicalc/mpi/idle
	CGO_ENABLED=0 go test -run '^$$' -bench Scaling -benchtime 1x ./internal/e2e
	$(MPIRUN) -np 2 bin/idle

clean: ## remove what was built
	rm -rf bin
