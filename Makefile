# `make help` lists what can be done. Everything longer than a line is in scripts/.

.PHONY: help bootstrap build release install demo demo-calibration test test-kill power-cuts trace quick format lint \
	bench bench-virtual soak defects mutants explore fuzz realtime purity sanitize clean
.DEFAULT_GOAL := help
PREFIX ?= /usr/local
RIG ?= p24
DEATHS ?= 500
IMAGES ?= 200000
SECONDS ?= 600
SEEDS ?= 2000
FIRST ?= 1

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

bootstrap: ## install what is missing (Debian packages; asks sudo when not root)
	@scripts/bootstrap.sh build

build: bootstrap ## build for development
	swift build

release: bootstrap ## build what is shipped
	swift build -c release --product motorpoint
	swift build -c release --product motorpoint-bench
	swift build -c release --product motorpoint-sim

install: ## install under PREFIX (/usr/local), DESTDIR in front; builds what needs no toolchain to run
	@PREFIX="$(PREFIX)" DESTDIR="$(DESTDIR)" scripts/install.sh

demo: release ## a whole session on a simulated stimulator, into a new folder (RIG=needle: on the virtual bench)
	swift build -c release --product RigPapers
	@RIG="$(RIG)" scripts/demo.sh

demo-calibration: release ## calibrate simulated stimulators, use the result, and lock a wrong one (RIG=p24: that one only)
	swift build -c release --product RigPapers
	@RIG="$(if $(filter command line,$(origin RIG)),$(RIG),both)" scripts/demo-calibration.sh

test: ## prove the project; what CI runs
	@scripts/test.sh

test-kill: release ## sessions in real processes whose host dies at a random moment (DEATHS=500, SEED=…)
	swift build -c release --product RigPapers
	@python3 Tests/Deaths/deaths.py .build/release $(DEATHS) $(SEED)

power-cuts: bootstrap ## cut the power at every write and sync of a record (IMAGES=200000, SEED=…)
	@scripts/proof.sh PowerCuts $(IMAGES) $(SEED)

quick: ## the pure suites and the architecture, for every few minutes
	@scripts/test.sh quick

format: ## put the sources in their form
	swift format --in-place --recursive Sources Tests Benchmarks Proofs Package.swift

lint: ## check their form, and the shell scripts
	@scripts/lint.sh

.PHONY: trace
trace: ## follow every hazard to its controls, requirements and tests, and every limit to its source
	@scripts/trace.py

bench: release ## figures and ratios
	@scripts/bootstrap.sh bench
	@scripts/bench.sh

bench-virtual: release ## the programs over real kernel drivers, without hardware
	swift build -c release --product BenchProbe
	swift build -c release --product RigPapers
	@Hardware/virtual-bench/run.sh

soak: bootstrap ## everything under one seed, SEEDS times from FIRST on (20,000 seeds for the safety case)
	@scripts/soak.sh $(SEEDS) $(FIRST)

defects: bootstrap ## plant seeded defects in a scratch copy of the host; the judge must find each
	@scripts/defects.sh

mutants: bootstrap ## change the kernel and the machine in one small place at a time; a test must notice
	@scripts/mutants.sh

fuzz: bootstrap ## look for bytes that break a reader, ten minutes (SECONDS=600)
	@scripts/fuzz.sh $(SECONDS)

realtime: bootstrap ## the tick under RealtimeSanitizer, through every state and cause
	@scripts/realtime.sh

purity: bootstrap ## the pure modules as Embedded Swift, and planted impurities that must be refused
	@scripts/purity.sh

sanitize: bootstrap ## the suites under AddressSanitizer, then under ThreadSanitizer
	@scripts/sanitize.sh address
	@scripts/sanitize.sh thread

explore: bootstrap ## every state that machine and gate can reach on small plans, on both rigs
	@scripts/explore.sh

clean: ## throw away everything that was built, and the demo's data
	rm -rf .build .build-* demo-data
