# Targets for what a plain go command does not say. Each ## is a line of `make help`.

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.9.0
N ?= 100

SOURCES = $$(find . -name '*.go' -not -path './.*')

.PHONY: help build test test-pg lint cross release bench adaptive rating references crash crash-pg power soak test-trainers fuzz planted reliability vuln demo judge-real test-real test-hub test-web screenshots clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build bin/openarena
	CGO_ENABLED=0 go build -trimpath -o bin/openarena ./cmd/openarena

# Vet belongs to make lint, all of it. Each test binary with the race detector would end with a second of sleep, for
# goroutines that goleak does not let live so long.
test: ## run all tests with the race detector, a short crash loop among them
	GORACE=atexit_sleep_ms=50 go test -race -vet=off -timeout 40m ./...

# These tests mostly wait for processes, so more of them run at once than there are cores.
test-pg: ## run the tests that need PostgreSQL, with the race detector, against servers that they start themselves
	OPENARENA_PG=$${OPENARENA_PG:-1} GORACE=atexit_sleep_ms=50 go test -race -vet=off -count=1 -parallel 8 -timeout 20m -run PG \
		$$(go list -f '{{.ImportPath}} {{.TestImports}} {{.XTestImports}}' ./... | awk '/internal\/testkit\/pgtest/ {print $$1}')

lint: ## vet, gofmt and staticcheck
	go vet ./...
	@unformatted=$$(gofmt -l $(SOURCES)); [ -z "$$unformatted" ] || { echo "not formatted, run gofmt -w:"; echo "$$unformatted"; exit 1; }
	go run $(STATICCHECK) ./...
	cd internal/testkit/power && go vet ./... && go run $(STATICCHECK) ./...
	cd internal/testkit/browser && go vet ./... && go run $(STATICCHECK) ./...

cross: ## build and vet everything, tests too, for Linux, macOS and Windows on amd64 and arm64
	@for os in linux darwin windows; do for arch in amd64 arm64; do \
		echo "$$os/$$arch"; CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch go vet -trimpath ./... || exit 1; done; done

release: ## build and pack for all of them into dist/; the same bytes from the same commit
	go run ./internal/release -o dist

bench: ## measure the rows of docs/performance.md on this machine and print the table, in about 12 minutes; QUICK=1 only tries them
	go run ./internal/testkit/cmd/bench $(if $(QUICK),-quick)

adaptive: ## simulate N arenas (default 40) that choose their pairs, and as many that do not: battles, and who is ranked wrong
	OPENARENA_ADAPTIVE=$(if $(filter file,$(origin N)),40,$(N)) go test -count=1 -timeout 0 -v -run '^TestAdaptive' ./elo

rating: ## compare the bootstrap and Elo over many orders with published numbers, and count in 1,000 simulated arenas each how often intervals hold the truth and comparisons find what is not there, in a few minutes
	OPENARENA_RATING=1 go test -count=1 -timeout 0 -v -run '^Test((Bootstrap|Permuted)AgainstPublished$$|Coverage|FalseAlarms$$|RealChange$$)' ./elo

references: ## install arena-rank and what FastChat's rule needs from PyPI, and measure `rate --battles` beside them, in about 5 minutes
	python3 -m venv bin/references && bin/references/bin/pip install -q arena-rank==0.1.1 evalica==0.4.2
	OPENARENA_BENCH_PYTHON=$(CURDIR)/bin/references/bin/python go run ./internal/testkit/cmd/bench -only battles

crash: ## kill the program N times (default 100), for at most T, and check that nothing is lost, paid twice or changed; and at each request of an upload
	OPENARENA_CRASH=$(N) OPENARENA_CRASH_TIME=$(T) go test -count=1 -timeout 0 -v -run '^Test(CrashLoop|ServedTwice)$$' ./internal/testkit/crash
	OPENARENA_CRASH=$(N) go test -count=1 -timeout 0 -v -run '^TestKilledUpload$$' ./cmd/openarena

crash-pg: ## kill workers, runs and the PostgreSQL they share N times (default 100), for at most T, and check the same of many machines on one arena
	OPENARENA_PG=1 OPENARENA_CRASH_PG=$(N) OPENARENA_CRASH_TIME=$(T) go test -count=1 -timeout 0 -v -run '^TestPGFleet$$' ./internal/testkit/crash

power: ## cut the power N times (default 100), for at most T, and check that nothing acknowledged is lost; needs FUSE and root
	cd internal/testkit/power && OPENARENA_POWER=$(N) OPENARENA_POWER_TIME=$(T) go test -count=1 -timeout 0 -v .

soak: ## run for T (default 1h) against a server with random faults and check that memory, files and goroutines do not grow
	OPENARENA_SOAK=$(if $(T),$(T),1h) go test -count=1 -timeout 0 -v -run '^TestSoak$$' ./internal/testkit/soak

fuzz: ## run each fuzz target for T (default 1m); ends at the first input that fails, and keeps it
	OPENARENA_FUZZ=1 go test -count=1 ./internal/testkit/fuzz
	@go build -o bin/fuzz ./internal/testkit/cmd/fuzz && bin/fuzz -t $(if $(T),$(T),1m)

planted: ## plant one known bug after the other in a copy of the tree, and check that the tests find each
	go run ./internal/testkit/cmd/planted

reliability: ## run the tests behind every fault and print the scoreboard of docs/reliability.md
	go run ./internal/testkit/cmd/reliability

vuln: ## look up known vulnerabilities in what is called; VULNDB=file:///… takes a database that is on disk
	@bin=$$(mktemp -d); trap 'rm -rf "$$bin"' EXIT; GOBIN=$$bin go install $(GOVULNCHECK) || exit 1; \
	code=0; $$bin/govulncheck $(if $(VULNDB),-db $(VULNDB)) ./... || code=$$?; \
	case $$code in 0 | 3) exit $$code ;; esac; \
	echo "NOT CHECKED: the database of vulnerabilities cannot be reached, so nothing is known. Give one with VULNDB=file:///…" >&2; exit 2

demo: ## run an arena of real small models on this machine; needs Go and Python only
	demo/demo.sh

test-real: ## try the program against real model servers with small models, and the jobs of deploy/ under a real Slurm, in about 12 minutes the first time; what a machine cannot have is skipped
	OPENARENA_REAL=1 go test -count=1 -p 1 -timeout 0 -v ./internal/testkit/real/...

test-hub: ## have the real Python clients try the fake Hub and read what the program uploads, in about a minute; needs Python 3.10 and PyPI, else it is skipped
	OPENARENA_HUB=1 go test -count=1 -timeout 20m -v ./internal/testkit/real/hub

test-web: ## have a real Chromium look at every page, vote by keyboard and open a report, in some minutes; without a Chromium it is skipped. Pictures of what fails lie in bin/web
	cd internal/testkit/browser && OPENARENA_WEB_PICTURES=$(CURDIR)/bin/web go test -count=1 -timeout 20m -v .

screenshots: ## make the pictures in docs/screenshots anew, of an arena that real models have played; needs Chromium
	cd internal/testkit/browser && go run ./screenshots

test-trainers: ## have the real trainers load what is exported and take a step: installs 8 GB of pinned packages into bin/trainers once, then about 10 minutes
	internal/testkit/trainers/install.sh bin/trainers
	OPENARENA_TRAINERS=1 go test -count=1 -timeout 0 -v ./internal/testkit/trainers

judge-real: ## have small real models judge under every protocol, and report on them, in about an hour; needs Go and Python only
	demo/judge-real.sh

clean: ## remove what was built and what the demo wrote; the demo's models stay
	rm -rf bin dist demo/out
