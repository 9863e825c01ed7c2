# `make` alone says what there is. Each target makes ready what it needs first, and is quick where nothing is missing.
.DEFAULT_GOAL := help
.PHONY: help conformance setup build demo dev check test test-appliance vm fuzz power-cuts bench rig screenshots docs package image update image-plan image-test clean

# A folder changes when a file in it comes or goes.
sources := $(shell find services web-ui bin/build.mjs test/conformance bin/daemon-bundles.mjs bin/native-packages.mjs bin/setup-file.mjs bin/system-addon.mjs bin/webrtc-addon.mjs systemd/daemon.env package-lock.json tsconfig.json -not -name node_modules)

help: ## show this help
	@echo 'Onair: press the button, and everybody on the network watches.'
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: ## install Debian packages, npm packages and build
	@bin/setup
	@$(MAKE) --no-print-directory build

build: dist/.built ## build dist/ where the sources have changed (after make setup)
	@:

dist/.built: $(sources)
	@echo 'build: dist/'
	@node bin/build.mjs
	@touch $@

demo: setup ## run the whole appliance here, until Ctrl-C (ARGS="--port 9000 --source file:clip.mp4")
	@bin/onair demo $(ARGS)

dev: ## run the appliance from sources: restarts what changes, reloads the page (ARGS as for demo)
	@[ -d node_modules ] || bin/setup
	@[ -e dist/.built ] || $(MAKE) --no-print-directory build
	@node bin/dev.mjs $(ARGS)

check: ## check types, lint and imports, in seconds
	@[ -d node_modules ] || bin/setup
	@node bin/check.mjs

test: ## run all tests (TESTS="test/unit/one.test.ts" only those)
	@bin/setup test
	@$(MAKE) --no-print-directory build
	@node bin/test.mjs $(TESTS)

test-appliance: ## boot the image in a virtual machine and press its button (FAST=1 without power cuts, ARCH=amd64, TESTS=)
	@bin/setup test
	@bin/setup image
	@$(MAKE) --no-print-directory build
	@node package/build.mjs "$(or $(ARCH),arm64)"
	@files=$$(image/vm/files "$(or $(ARCH),arm64)") && \
		ONAIR_VM_FILES=$$files FAST=$(FAST) ARCH=$(ARCH) CUTS=$(or $(CUTS),10) node bin/test.mjs --appliance $(TESTS)

vm: ## boot the image in a virtual machine to look at it, until Ctrl-C (ARCH=amd64)
	@bin/setup image
	@$(MAKE) --no-print-directory build
	@node package/build.mjs "$(or $(ARCH),arm64)"
	@ARCH=$(ARCH) node --import tsx test/support/vm/boot.ts

fuzz: ## send 100,000 broken messages to each protocol, the serial line, DTLS and SRTCP (COUNT=N SEED=N for others), five minutes of requests to the API (SECONDS=N)
	@bin/setup test
	@$(MAKE) --no-print-directory build
	@ONAIR_FUZZ_COUNT=$(or $(COUNT),100000) ONAIR_FUZZ_SEED=$(SEED) node_modules/.bin/tap run --disable-coverage --timeout=1800 test/integration/fuzz-protocols.test.ts test/integration/console-fuzz.test.ts test/unit/egress/native/addon.test.ts
	@node --import tsx bin/fuzz-api.ts $(or $(SECONDS),300)

power-cuts: ## record what a box writes to its disk on a first day, and cut its power at 1,000 places (as root; CUTS=N STARTS=N SEED=N)
	@bin/setup test cuts
	@$(MAKE) --no-print-directory build
	@node --import tsx test/power-cuts/main.ts --cuts $(or $(CUTS),1000) --starts $(or $(STARTS),25) --seed $(or $(SEED),1)

bench: ## measure against the goals: table and JSON in bench/results/ (ARGS for bench/, PEERS="mediamtx=/path")
	@bin/setup test
	@$(MAKE) --no-print-directory build
	@PEERS="$(PEERS)" node --import tsx bench/main.ts $(ARGS)

rig: ## measure a real board over its USB line and the network (BOARD=pi-4 SERIAL=/dev/ttyACM0 MINUTES=30 ORIGIN= ONLY=)
	@bin/setup test
	@node --import tsx test/rig/main.ts --board "$(BOARD)" --serial "$(SERIAL)" --origin "$(ORIGIN)" --minutes "$(or $(MINUTES),30)" --only "$(ONLY)"

conformance: ## try a WHEP or WHIP server against its documents (URL=http://host/whep, KIND=whep|whip, TOKEN=, ARGS="--junit FILE")
	@bin/setup test >&2
	@$(MAKE) --no-print-directory build >&2
	@ONAIR_CONFORMANCE_TOKEN="$(TOKEN)" bin/onair conformance "$(URL)" $(if $(KIND),--kind $(KIND)) $(ARGS)

screenshots: ## every page and state on a phone and on a desk, light and dark, into dist/screenshots/
	@bin/setup test
	@$(MAKE) --no-print-directory build
	@node --import tsx bin/screenshots.ts $(ARGS)

docs: ## generate docs/ from the schemas: API, protocols, lights
	@node --import tsx bin/generate-docs.ts

package: ## build the Debian packages in dist/package/ (ARCH=amd64 or ARCH=arm64 only that one)
	@bin/setup image
	@$(MAKE) --no-print-directory build
	@node package/build.mjs $(ARCH)

image: ## build the card's image in dist/image/ (BOARD=pi-4 for that board alone, FLAVOUR=raspios, KEYRING= whose updates it takes)
	@bin/setup image
	@$(MAKE) --no-print-directory build
	@node package/build.mjs arm64
	@ONAIR_KEYRING="$(KEYRING)" image/build "$(or $(FLAVOUR),debian)" "$(or $(BOARD),all)"

update: ## build the signed update of such boxes in dist/image/ (KEY=, CERTIFICATE= and KEYRING= files, else a test key; BOARD=, FLAVOUR=)
	@bin/setup image
	@$(MAKE) --no-print-directory build
	@node package/build.mjs arm64
	@ONAIR_SIGNING_KEY="$(KEY)" ONAIR_SIGNING_CERTIFICATE="$(CERTIFICATE)" ONAIR_KEYRING="$(KEYRING)" \
		image/update "$(or $(FLAVOUR),debian)" "$(or $(BOARD),all)"

image-plan: ## say what building the image would do, and do nothing (FLAVOUR=raspios, BOARD=...)
	@image/plan "$(or $(FLAVOUR),debian)" "$(or $(BOARD),all)"

image-test: ## boot the built image on an emulated Raspberry Pi 3 until it serves its page
	@bin/setup image
	@image/test/run

clean: ## remove what was built and installed here (Debian packages stay)
	rm -rf dist node_modules .tap bench/results
