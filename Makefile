# All tasks of this project. `make help` lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash

# One target at a time, even under make -j: each recipe uses all cores, and two
# of them must not install packages or write to bin/ at once.
.NOTPARALLEL:

# With these tags the packages net and os/user are the same with and without
# cgo, and so is everything that imports them: mpicalc and the other programs
# share one build cache. Go looks up host names itself, in /etc/hosts and by DNS.
# The last two leave this folder and the state of the clone out of what is built:
# the same source gives the same bytes everywhere. VERSION says which source it was.
export GOFLAGS := $(shell go env GOFLAGS 2>/dev/null) -tags=netgo,osusergo -trimpath -buildvcs=false

# Every program but mpicalc builds without a C compiler and without MPI.
PROGRAMS := authsvc frontend queue foliocast
CGO_PROGRAMS := mpicalc
CGO_PACKAGES := ./mpicalc ./mpicalc/mpi/...
# The tests of these are pure Go, and start the mpirun of Open MPI.
MPIRUN_PACKAGES := ./foliocast/up
# The tests of all others need PostgreSQL, a browser, Python and R, and neither Open MPI nor Slurm.
PLAIN_PACKAGES = $$(CGO_ENABLED=0 go list ./... | grep -vE '/mpicalc$$|/mpicalc/mpi(/|$$)|/foliocast/up$$|/internal/e2e(/|$$)')
MPI_RANKS := 1 2 3 4
MPIRUN := mpirun --bind-to none --oversubscribe
# A program with the tag mpich is built against MPICH, and started by its launcher.
MPICH_TAGS := -tags=netgo,osusergo,mpich
MPICH_RUN := mpiexec.hydra -bind-to none
ifeq ($(shell id -u),0)
export OMPI_ALLOW_RUN_AS_ROOT := 1
export OMPI_ALLOW_RUN_AS_ROOT_CONFIRM := 1
endif
# Outside a clone, give both of these: make build VERSION=0.1.0 SOURCE_DATE_EPOCH=1796126377
VERSION := $(shell tools/version.sh)
SOURCE_DATE_EPOCH := $(or $(SOURCE_DATE_EPOCH),$(shell git log -1 --format=%ct 2>/dev/null))
export SOURCE_DATE_EPOCH
# Without tables for debuggers (-s -w), the programs have two thirds of the size. LDFLAGS= keeps them.
LDFLAGS := -ldflags '-s -w -X foliocast/internal/cli.version=$(VERSION) -X foliocast/internal/cli.date=$(if $(SOURCE_DATE_EPOCH),$(shell date -u -d @$(SOURCE_DATE_EPOCH) +%F))'
# lint vets everything. go test's own timeout only bounds hangs.
TEST := go test -vet=off -timeout 10m
FUZZTIME := 1m
ABUSE := 64 5m
SOAK := 1h
DEPTH := 1000000
REQUESTS := 20000
SEED := 1 2 3 4 5
JOBS := 1000
FAULTS := 60
VULNDB :=
# The data of make accuracy, and further flags of mpicalc backtest, such as --season 24, or of
# bench-queue, such as -rounds 5.
DATA := docs/data
FLAGS :=

.PHONY: help go setup setup-test build install uninstall deb sbom deb-test reproducible demo check lint vuln test race test-mpi e2e fuzz fuzz-api chaos metrics-test abuse soak depth images docker-test deploy-test k8s-test manifests lint-api site model cover accuracy priors python bench bench-mpi bench-queue clean

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

go:
	@command -v go >/dev/null || { echo "Foliocast needs Go 1.26 or newer: install it from https://go.dev/dl and put it on PATH." >&2; exit 1; }

setup: go ## install what is missing to build and run
	@docker/install-deps.sh compiler mpi-dev mpi postgres

setup-test: go ## install what is missing for every test
	@docker/install-deps.sh compiler mpi-dev mpi mpich postgres cluster browser model shells python r systemd modules

build: setup ## build the five programs into bin/
	@mkdir -p bin
	CGO_ENABLED=0 go build $(LDFLAGS) -o bin/ $(addprefix ./cmd/,$(PROGRAMS))
	$(if $(CGO_PROGRAMS),CGO_ENABLED=1 go build $(LDFLAGS) -o bin/ $(addprefix ./,$(CGO_PROGRAMS)))

# PREFIX and DESTDIR may be given, and the variables of packaging/install.sh.
INSTALL_VARIABLES := PREFIX DESTDIR BINDIR MANDIR DOCDIR ZSHDIR UNITDIR SYSCONFDIR LAUNCHER
export $(INSTALL_VARIABLES)

install: ## install what was built under PREFIX (/usr/local), with manual pages, completions and units of systemd
	@packaging/install.sh install

uninstall: ## remove what install has installed, but for settings that were changed
	@packaging/install.sh uninstall

deb: build ## pack the programs as a Debian package in bin
	go build -C tools/dist -o ../../bin/nfpm github.com/goreleaser/nfpm/v2/cmd/nfpm
	packaging/deb/build.sh $(VERSION)

sbom: build ## what each program was built from, in CycloneDX: bin/sbom/PROGRAM.cdx.json
	@mkdir -p bin/sbom
	go build -C tools/dist -o ../../bin/cyclonedx-gomod github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod
	@for program in $(PROGRAMS) $(CGO_PROGRAMS); do \
		bin/cyclonedx-gomod bin -json -std -noserial -notimestamp -version 'v$(VERSION)' -output bin/sbom/$$program.cdx.json bin/$$program || exit 1; done

deb-test: deb ## install that package in a clean Debian, start its services with systemd, forecast, and purge it; needs root
	@docker/install-deps.sh debian
	packaging/deb/test.sh bin/foliocast_$(VERSION)_$$(go env GOARCH).deb

# e2e does so with queue alone, and with the build cache that is there.
reproducible: build ## build the programs again, in another folder and with an empty cache: the bytes must be the same
	FOLIOCAST_REPRODUCE=all CGO_ENABLED=0 $(TEST) -count 1 -v -timeout 1h -run 'TestTheSameBytes|TestDebianPackage' ./internal/e2e/dist

demo: build ## forecast two portfolios with the whole system, draw them, then stop it
	@bin/foliocast demo

check: setup-test lint build race test-mpi e2e deploy-test ## run every check and every test
# A vulnerability that became known today is news, and no fault of this change.
	@$(MAKE) --no-print-directory vuln || echo "check: see the known vulnerabilities above" >&2
	@echo "check: all passed"

lint: go ## gofmt, vet and staticcheck, and the links of the pages
	@docker/install-deps.sh compiler mpi-dev mpich
	@unformatted=$$(gofmt -l $$(git ls-files --cached --others --exclude-standard '*.go')); \
		if [ -n "$$unformatted" ]; then echo "gofmt would change: $$unformatted" >&2; exit 1; fi
	go vet ./...
	go vet -C tools/bench-queue .
	go vet $(MPICH_TAGS) ./mpicalc/mpi/...
	go vet -tags=netgo,osusergo,engine ./docker
	@mkdir -p bin
	go build -C tools -o ../bin/staticcheck honnef.co/go/tools/cmd/staticcheck
	bin/staticcheck ./...
	cd tools/bench-queue && ../../bin/staticcheck .
	go test -C tools/site -count 1 .

test: go ## tests of all packages that need no MPI
	@docker/install-deps.sh compiler postgres browser model shells python r
	CGO_ENABLED=0 $(TEST) $(PLAIN_PACKAGES)

# The database is built from the reports of the Go project that the module proxy
# serves, unless VULNDB names one, as in https://vuln.go.dev. Where neither can be
# had, there is nothing to look in, which is no fault of the code.
vuln: go ## look for known vulnerabilities that the programs reach
	@docker/install-deps.sh compiler mpi-dev
	@mkdir -p bin
	go build -C tools -o ../bin/govulncheck golang.org/x/vuln/cmd/govulncheck
	@database='$(VULNDB)'; if [ -z "$$database" ]; then \
		reports=$$(timeout 120 go mod download -json golang.org/x/vulndb@latest | sed -n 's/^\t"Dir": "\(.*\)",$$/\1/p'); \
		if [ -z "$$reports" ] || ! GOFLAGS=-mod=mod timeout 300 go run golang.org/x/vulndb/cmd/indexdb@latest -vulns "$$reports/data/osv" -out bin/vulndb; then \
			echo "vuln: no database of vulnerabilities can be had here: nothing was looked for" >&2; exit 0; \
		fi; \
		database="file://$(CURDIR)/bin/vulndb"; \
	fi; \
	CGO_ENABLED=1 bin/govulncheck -db "$$database" $(addprefix ./cmd/,$(PROGRAMS)) ./mpicalc

race: go ## the same tests under the race detector; check runs these
	@docker/install-deps.sh compiler postgres browser model shells python r
	CGO_ENABLED=1 $(TEST) -race $(PLAIN_PACKAGES)

test-mpi: setup-test ## tests with Open MPI, and those of the binding with MPICH too, on 1 to 4 ranks
	@mkdir -p bin
	go test -c -o bin/mpi.test ./mpicalc/mpi
	go test $(MPICH_TAGS) -c -o bin/mpi-mpich.test ./mpicalc/mpi
	@for n in $(MPI_RANKS); do \
		echo "mpicalc/mpi with Open MPI on $$n ranks"; \
		(cd mpicalc/mpi && timeout 120 $(MPIRUN) -np $$n ../../bin/mpi.test -test.timeout 100s) || exit 1; \
		echo "mpicalc/mpi with MPICH on $$n ranks"; \
		(cd mpicalc/mpi && timeout 120 $(MPICH_RUN) -np $$n ../../bin/mpi-mpich.test -test.timeout 100s) || exit 1; done
	$(TEST) $(CGO_PACKAGES) $(MPIRUN_PACKAGES)
	$(TEST) $(MPICH_TAGS) ./mpicalc/mpi/...

e2e: build setup-test ## the built programs, from end to end
	CGO_ENABLED=0 $(TEST) -count 1 -timeout 12m ./internal/e2e
	CGO_ENABLED=0 $(TEST) -count 1 ./internal/e2e/dist
	CGO_ENABLED=0 go test -C tools/bench-queue -vet=off -count 1 -timeout 5m .

# Plain tests run the seeds and the findings of every target; this looks for new
# ones. Shortening an interesting input may take a second of the time, not all. The lives
# of a job have one event more than in the plain tests.
fuzz: go ## run every fuzz target for FUZZTIME (1m) each
	@docker/install-deps.sh postgres
	FOLIOCAST_LIFE_EVENTS=6 CGO_ENABLED=0 $(TEST) -count 1 -run EveryLifeOfAJob ./frontend/relay
	@failed=''; while read -r folder target; do \
		echo "$$folder $$target"; \
		CGO_ENABLED=0 go test -v -vet=off -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1s "./$$folder" || failed="$$failed $$target"; \
	done < <(git grep -noE --untracked '^func Fuzz\w+' -- '*_test.go' | sed -E 's|/[^/]+:[0-9]+:func | |'); \
	[ -z "$$failed" ] || { echo "fuzz: failed:$$failed" >&2; exit 1; }

# Plain tests make up some hundreds of requests for each service, always the same.
fuzz-api: go ## make up REQUESTS requests for each service, and hold the answers to its OpenAPI document
	@docker/install-deps.sh postgres
	FOLIOCAST_API_REQUESTS='$(REQUESTS)' CGO_ENABLED=0 $(TEST) -count 1 -v -timeout 1h -run TestAnswersAreDeclared ./authsvc/api ./frontend/api ./queue/api

# Six moments of the first start, five times; e2e tries two moments once. Then jobs while
# everything breaks, once for each seed; e2e has a few jobs and faults.
chaos: build setup-test ## power loss, and JOBS jobs during FAULTS faults for each SEED; needs root
	FOLIOCAST_CHAOS='$(JOBS) $(FAULTS) $(SEED)' CGO_ENABLED=0 $(TEST) -count 1 -v -timeout 3h -run 'TestChaos$$' ./internal/e2e
	FOLIOCAST_POWER_MOMENTS="$$(yes '0s 1s 2s 5s 10s 20s' | head -n 5)" CGO_ENABLED=0 $(TEST) -count 1 -v -timeout 20m -run PowerLoss ./internal/e2e

metrics-test: build setup-test ## run the system under Prometheus: every panel and alert must return data
	@docker/install-deps.sh prometheus
	FOLIOCAST_PROMETHEUS=1 CGO_ENABLED=0 $(TEST) -count 1 -v -run 'TestMetrics$$' ./internal/e2e

abuse: build setup-test ## hostile clients for ABUSE: their number and the time, by default 64 5m
	FOLIOCAST_ABUSE='$(ABUSE)' CGO_ENABLED=0 $(TEST) -count 1 -v -timeout 1h -run TestAbuse ./internal/e2e

# e2e does so for some seconds, and judges nothing that grows.
soak: build setup-test ## a steady load for SOAK (1h, 10m for less): what processes and database take must not grow
	FOLIOCAST_SOAK='$(SOAK)' CGO_ENABLED=0 $(TEST) -count 1 -v -timeout 24h -run 'TestSoak$$' ./internal/e2e

# The plain tests do the same before DEPTH=20000 messages and judge no times.
depth: go ## claims, heartbeats, uploads and dealings before DEPTH (1000000) waiting messages, with their times
	@docker/install-deps.sh postgres
	FOLIOCAST_DEPTH='$(DEPTH)' CGO_ENABLED=0 $(TEST) -count 1 -v -run TestDepth ./queue/store

images: ## build all images with docker buildx; see docs/containers.md
	VERSION='$(VERSION)' REVISION="$$(git rev-parse HEAD)" DATE="$$(date -u -d @$(SOURCE_DATE_EPOCH) +%F)" docker buildx bake -f docker/bake.hcl

site: build ## write the documentation as HTML, with the manual pages, into bin/site
	@docker/install-deps.sh shells
	go run -C tools/site . -bin ../../bin ../.. ../../bin/site

# Heavy, so check does not: debootstrap, two builds with C and without, and containers.
docker-test: go ## build all images without a registry, run them, and kill one of two containers of a world; needs root
	@docker/install-deps.sh engine
	CGO_ENABLED=0 go test -vet=off -tags=netgo,osusergo,engine -count 1 -v -timeout 2h ./docker

deploy-test: go ## hold Dockerfile, Compose files and manifests to the rules of those who read them
	CGO_ENABLED=0 go test -C tools/deploy -count 1 -timeout 10m .

k8s-test: go ## deploy-test, and the chart and the kustomizations besides; compiles Helm, which takes minutes
	CGO_ENABLED=0 go test -C tools/deploy -tags=netgo,osusergo,helm -count 1 -timeout 30m .

manifests: go ## write the manifests for kustomize from the chart
	FOLIOCAST_WRITE=1 CGO_ENABLED=0 go test -C tools/deploy -tags=netgo,osusergo,helm -count 1 -run TestTheManifestsAreTheCharts .

lint-api: build ## lint the OpenAPI documents, and compile the clients that generators make of them (needs npm)
	tools/lint-api/run.sh

model: go ## go through all states of the models of leases, dealing, owners and doubt, with large bounds
	@docker/install-deps.sh compiler model
	FOLIOCAST_MODEL=large CGO_ENABLED=0 go test -vet=off -count 1 -v -timeout 1h ./queue/model

cover: go ## how much of the code the tests reach; bin/cover.html shows it line by line
	@docker/install-deps.sh compiler postgres browser model shells python r
	@mkdir -p bin
	CGO_ENABLED=0 $(TEST) -coverprofile bin/cover.out $(PLAIN_PACKAGES)
	@go tool cover -html bin/cover.out -o bin/cover.html
	@go tool cover -func bin/cover.out | tail -n 1

# NAME_train.csv is scored against NAME_test.csv, any other file against its own last values.
accuracy: build ## score every model on the CSV files in the folder DATA (docs/data)
	@for input in $$(ls $(DATA)/*.csv | grep -vE '_(test|info)\.csv$$'); do \
		truth="--origins 20 --horizon 5"; \
		case $$input in *_train.csv) truth="--actual $${input%_train.csv}_test.csv";; esac; \
		echo "$$input"; \
		$(MPIRUN) -np 1 bin/mpicalc backtest --input "$$input" $$truth $(FLAGS) || exit 1; \
	done

priors: go ## learn how auto weighs its models, from DATA=folder, and measure it; see docs/priors.md
	CGO_ENABLED=0 go run ./mpicalc/priors --data $(DATA) --output mpicalc/forecast/weights_table.go
	CGO_ENABLED=0 go run ./mpicalc/priors --data $(DATA)

python: ## the client in Python as a wheel and an sdist in bin/python
	@docker/install-deps.sh python
	@/usr/bin/python3 clients/python/package.py bin/python

bench: build ## benchmarks of the parts that must be fast
	CGO_ENABLED=0 go test -run '^$$' -bench . -benchmem ./mpicalc/forecast ./mpicalc/spmd ./internal/series/...
	CGO_ENABLED=1 go test -run '^$$' -bench Serial -benchtime 3x ./mpicalc
	CGO_ENABLED=0 go test -run '^$$' -bench 'Jobs|Answer' -benchtime 20x -timeout 20m ./internal/e2e
	CGO_ENABLED=0 go test -run '^$$' -bench Python -benchtime 3x -timeout 20m ./internal/e2e

bench-mpi: build ## the binding and the speed of memory against C, scaling, a projection, and idle ranks
	CGO_ENABLED=1 go build -o bin/mpibench ./mpicalc/mpi/bench
	CGO_ENABLED=1 go build -o bin/ ./mpicalc/mpi/idle
	mpirun --bind-to core -np 2 bin/mpibench
	$(MPIRUN) -np 4 bin/mpibench
	CGO_ENABLED=0 go test -run '^$$' -bench 'Scaling|Memory$$' -benchtime 1x -timeout 1h ./internal/e2e
	@for n in 4 16 48; do echo "idle ranks: $$n"; $(MPIRUN) -np $$n bin/idle || exit 1; done

# A module of its own, because only this knows River. e2e does the same with few messages.
bench-queue: build ## the message service beside River; FLAGS=-h lists what can be chosen
	CGO_ENABLED=0 go build -C tools/bench-queue -o ../../bin/bench-queue .
	bin/bench-queue -queue bin/queue $(FLAGS)

clean: ## remove what was built
	rm -rf bin
