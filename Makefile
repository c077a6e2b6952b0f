# SPDX-License-Identifier: GPL-3.0-or-later
# imgvet: build, test, demonstrate, measure, install.  `make help` lists the targets and
# these knobs:
#
#:  BUILD=dir               build folder (default build; a sanitizer build gets its own below it)
#:  SAN=address,undefined   build with these sanitizers; or SAN=thread
#:  V=1                     show the commands as they are run
#:  CC=, CFLAGS=, LDFLAGS=  as usual; what differs from the last build is built again
#:  WERROR=                 leave warnings as warnings (other compilers have others)
#:  TESTS="ledger/ gate"    run only the tests with one of these in their paths
#:  JOBS=2                  tests that run at once (default: one per processor)
#:  SEED=, COUNT=, ONLY=    of check-truth; MUTATIONS=3000 or DAMAGED=1 instead of its own disks
#:  PREFIX=, DESTDIR=       for install

SHELL := /bin/bash
CC ?= gcc
CFLAGS ?= -O2 -g
WERROR ?= -Werror
PREFIX ?= /usr/local
DESTDIR ?=
PYTHON ?= /usr/bin/python3
VERSION := 0.1.0

comma := ,
ifdef SAN
BUILD ?= build/san-$(subst $(comma),-,$(SAN))
SANFLAGS := -fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer
else
BUILD ?= build
endif

# $(call say,CC,file.c): one short line for a step; with V=1 make shows the command itself.
V ?= 0
Q := $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),,@printf '  %-5s %s\n' $(1) $(2))

# --- packages: the one place where they are listed -------------------------------

# to build and to run the demo
DEPS_BUILD := gcc libc6-dev make pkg-config libglib2.0-dev libpcre2-dev libcjson-dev \
	libcurl4-openssl-dev libvectorscan-dev libext2fs-dev libyaml-dev libarchive-dev libssl-dev \
	libsqlite3-dev libseccomp-dev libguestfs-dev libblkid-dev libzstd-dev liblzma-dev zlib1g-dev \
	e2fsprogs fdisk qemu-utils python3 ca-certificates
# to run the quick tests as well (second opinions, browsers of none)
DEPS_QUICK := perl openssl fsverity python3-jsonschema python3-yaml bash-completion mandoc util-linux \
	dosfstools mtools bzip2 xz-utils zstd lz4 lzop zip git gnupg squashfs-tools cryptsetup-bin
# what the property test makes file systems and archives with, and reads them by
DEPS_TRUTH := btrfs-progs xfsprogs dosfstools mtools ntfs-3g exfatprogs squashfs-tools erofs-utils xorriso libarchive-tools \
	f2fs-tools cryptsetup-bin zstd xz-utils bzip2 attr
# to run all tests as well (the appliance's kernel)
DEPS_CHECK := $(DEPS_QUICK) $(DEPS_TRUTH) linux-image-amd64 qemu-system-x86 supermin libguestfs-tools
# to drive the stand-in of the cloud with the official SDKs; Node from elsewhere will do
DEPS_NODE = $(shell command -v npm >/dev/null || echo nodejs npm)
# to run the benchmarks as well
DEPS_BENCH := ripgrep openssl time libguestfs-tools linux-image-amd64 qemu-system-x86 supermin
DEPS_FUZZ := clang libclang-rt-14-dev
DEPS_FORMAT := clang-format git
DEPS_LINT := clang-tidy shellcheck

# install-deps,LIST: install what is missing of a list, in one apt step
define install-deps
@missing=""; for p in $(1); do \
	dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$p"; \
done; \
if [ -n "$$missing" ]; then \
	sudo=""; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	if [ -n "$$sudo" ] && ! command -v sudo >/dev/null; then \
		echo "imgvet: these Debian packages are missing:$$missing" >&2; \
		echo "imgvet: not root and no sudo here; as root, run: apt-get install$$missing" >&2; exit 1; fi; \
	echo "installing:$$missing"; \
	{ $$sudo apt-get update -qq && \
	  $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; } || { \
		echo "imgvet: could not install:$$missing" >&2; \
		echo "imgvet: install them by hand, then run make again" >&2; exit 1; }; \
fi
endef

# --- sources ---------------------------------------------------------------------

LIB_SRC := $(sort $(wildcard $(addsuffix *.c,scanner/ scanner/*/ scanner/*/*/ share/ share/*/ share/*/*/)))
CLI_SRC := $(sort $(wildcard cli/*.c))
UNIT_SRC := $(sort $(wildcard tests/unit/*/test_*.c tests/unit/*/*/test_*.c))
FUZZ_SRC := $(sort $(wildcard tests/fuzz/fuzz_*.c))
ifneq ($(filter thread,$(SAN)),)
# ThreadSanitizer is told of GLib's locks: see there.
GLIB_LOCKS := tests/threads/glib_locks.c
LIB_SRC += $(GLIB_LOCKS)
WRAPPED := $(shell sed -nE "s/^WRAPPED.*, (g_[a-z_]+),.*/-Wl,--wrap=\1,-u,__wrap_\1/p" $(GLIB_LOCKS))
endif

LIB_OBJ := $(LIB_SRC:%.c=$(BUILD)/%.o)
CLI_OBJ := $(CLI_SRC:%.c=$(BUILD)/%.o)
CLI_PARTS := $(filter-out %/main.o,$(CLI_OBJ))
UNIT_BIN := $(UNIT_SRC:tests/unit/%.c=$(BUILD)/tests/%)
FUZZ_BIN := $(FUZZ_SRC:tests/fuzz/%.c=$(BUILD)/tests/%)

PKGS := glib-2.0 gio-unix-2.0 libpcre2-8 libcjson libcurl libhs ext2fs com_err yaml-0.1 \
	libarchive libcrypto sqlite3 libseccomp blkid libguestfs libzstd liblzma zlib
# Asked once, and only where something is compiled.
PKG_CFLAGS = $(eval PKG_CFLAGS := $$(shell pkg-config --cflags $(PKGS) 2>/dev/null | sed 's/-I/-isystem /g'))$(PKG_CFLAGS)
PKG_LIBS = $(eval PKG_LIBS := $$(shell pkg-config --libs $(PKGS) 2>/dev/null) -lm -lpthread)$(PKG_LIBS)

WARN := -Wall -Wextra -Wformat=2 -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	-Wpointer-arith -Wwrite-strings -Wundef -Wno-missing-field-initializers -Wno-unused-parameter
HARDEN := -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DIV_VERSION='"$(VERSION)"' -I. \
	$(WARN) $(WERROR) $(HARDEN) $(CFLAGS) $(SANFLAGS)
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now -Wl,--as-needed $(WRAPPED) $(LDFLAGS) $(SANFLAGS)

.DEFAULT_GOAL := all

all: build ## build build/imgvet; says which packages are missing, installs nothing

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 18
	@echo; echo "Knobs:"; sed -n 's/^#:  //p' $(MAKEFILE_LIST)

deps: ## install the Debian packages that the build and the demo need (root, or sudo)
	$(call install-deps,$(DEPS_BUILD))
deps-quick:
	$(call install-deps,$(DEPS_BUILD) $(DEPS_QUICK))
deps-check: ## install what the tests need as well
	$(call install-deps,$(DEPS_BUILD) $(DEPS_CHECK) $(DEPS_NODE))
	@$(MAKE) -s --no-print-directory $(SDK_HERE)
deps-truth:
	$(call install-deps,$(DEPS_BUILD) $(DEPS_TRUTH))
deps-bench: ## install what the benchmarks need as well
	$(call install-deps,$(DEPS_BUILD) $(DEPS_BENCH))
deps-fuzz:
	$(call install-deps,$(DEPS_BUILD) $(DEPS_FUZZ))
deps-format:
	$(call install-deps,$(DEPS_FORMAT))
deps-lint:
	$(call install-deps,$(DEPS_BUILD) $(DEPS_LINT))
.PHONY: all help deps deps-truth deps-quick deps-check deps-bench deps-fuzz deps-format deps-lint

# The SDK packages of tests/cloud/sdk, once; where that cannot be done their test says so and is skipped.
# The lock is made with: npm install --package-lock-only --omit-lockfile-registry-resolved
SDK_HERE := build/sdk/node_modules/.package-lock.json
$(SDK_HERE): tests/cloud/sdk/package.json tests/cloud/sdk/package-lock.json
	@echo "  NPM   $(<D)"
	@mkdir -p build/sdk && cp $^ build/sdk
	@cd build/sdk && if timeout 120 npm ci --ignore-scripts --no-audit --no-fund --prefer-offline \
		--fetch-retries=1 --fetch-retry-mintimeout=1000 >npm.log 2>&1; then touch node_modules/.package-lock.json; \
	else rm -rf node_modules; echo "imgvet: note: no SDK packages, their test will be skipped: build/sdk/npm.log" >&2; fi

build: $(BUILD)/imgvet
.PHONY: build

# What a build was made with stands in two small files that change when it does: whatever
# depends on them is made again then, and only then.
quoted = '$(subst ','\'',$(1))'
FLAGS_TEXT = $(CC) $(shell $(CC) -dumpfullversion -dumpversion 2>&1) $(ALL_CFLAGS) $(PKG_CFLAGS) : $(ALL_LDFLAGS) $(PKG_LIBS)
stamp = @mkdir -p $(@D); printf '%s\n' $(call quoted,$(1)) | cmp -s - $@ || printf '%s\n' $(call quoted,$(1)) >$@

$(BUILD)/flags: FORCE | packages
	$(call stamp,$(FLAGS_TEXT))
$(BUILD)/objects: FORCE
	$(call stamp,$(LIB_OBJ))
FORCE:

packages:
	@pkg-config --exists $(PKGS) 2>/dev/null && command -v $(firstword $(CC)) >/dev/null || { \
		missing=""; for p in $(firstword $(CC)) pkg-config; do command -v $$p >/dev/null || missing="$$missing $$p"; done; \
		command -v pkg-config >/dev/null && for p in $(PKGS); do pkg-config --exists $$p || missing="$$missing $$p"; done; \
		echo "imgvet: to build, this is missing:$$missing; as root or with sudo, run: make deps" >&2; exit 1; }
.PHONY: FORCE packages

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) $(PKG_CFLAGS) -MMD -MP -c $< -o $@

$(BUILD)/libimgvet.a: $(LIB_OBJ) $(BUILD)/objects
	$(call say,AR,$@)
	$(Q)rm -f $@; ar qcs $@ $(LIB_OBJ)

$(BUILD)/imgvet: $(CLI_OBJ) $(BUILD)/libimgvet.a
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) $(CLI_OBJ) $(BUILD)/libimgvet.a $(PKG_LIBS) -o $@

$(BUILD)/tests/%: tests/unit/%.c $(BUILD)/libimgvet.a
	@mkdir -p $(@D)
	$(call say,TEST,$<)
	$(Q)$(CC) $(ALL_CFLAGS) $(PKG_CFLAGS) -MMD -MP -MF $@.d $(ALL_LDFLAGS) $< $(BUILD)/libimgvet.a $(PKG_LIBS) -o $@

# The command line's own pieces are in no library: all of them but main().
$(BUILD)/tests/cli/%: tests/unit/cli/%.c $(CLI_PARTS) $(BUILD)/libimgvet.a
	@mkdir -p $(@D)
	$(call say,TEST,$<)
	$(Q)$(CC) $(ALL_CFLAGS) $(PKG_CFLAGS) -MMD -MP -MF $@.d $(ALL_LDFLAGS) $< $(CLI_PARTS) $(BUILD)/libimgvet.a $(PKG_LIBS) -o $@

# A fuzz target is LLVMFuzzerTestOneInput(); in make check a small driver replays its seeds.
$(BUILD)/tests/fuzz_%: tests/fuzz/fuzz_%.c tests/fuzz/replay.c $(BUILD)/libimgvet.a
	@mkdir -p $(@D)
	$(call say,FUZZ,$<)
	$(Q)$(CC) $(ALL_CFLAGS) $(PKG_CFLAGS) -MMD -MP -MF $@.d $(ALL_LDFLAGS) $< tests/fuzz/replay.c $(BUILD)/libimgvet.a $(PKG_LIBS) -o $@

# What each anchor and each rule costs: build/bench_engine rules FILE [PATHS]
$(BUILD)/bench_engine: tests/bench/bench_engine.c $(BUILD)/libimgvet.a
	$(call say,BENCH,$<)
	$(Q)$(CC) $(ALL_CFLAGS) $(PKG_CFLAGS) $(ALL_LDFLAGS) $< $(BUILD)/libimgvet.a $(PKG_LIBS) -o $@

# Preloaded by tests/fault/test_failing_calls.py; a sanitizer would have to be loaded before it.
FAILING_CALLS := $(if $(SAN),,$(BUILD)/tests/failing_calls.so)
$(BUILD)/tests/failing_calls.so: tests/fault/failing_calls.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,TEST,$<)
	$(Q)$(CC) $(filter-out -D_FILE_OFFSET_BITS=64 -D_FORTIFY_SOURCE=2 -fPIE,$(ALL_CFLAGS)) -fPIC -shared $< -ldl -o $@

units-built: build $(UNIT_BIN)
	@:
tests-built: units-built $(FUZZ_BIN) $(FAILING_CALLS)
	@:
threads-built: units-built $(BUILD)/canary
	@:
.PHONY: units-built tests-built threads-built

RUN_TESTS = BUILD=$(BUILD) SAN="$(SAN)" PYTHON=$(PYTHON) perl tests/run.pl
ALL_CORES = --no-print-directory -j$$(nproc)

check: deps-check ## install what is missing, build, run every test
	@$(MAKE) $(ALL_CORES) tests-built
	@$(RUN_TESTS) $(TESTS)

check-quick: deps-quick ## units and command line without guest and cloud (under 90 s): while writing code
	@$(MAKE) $(ALL_CORES) units-built
	@$(RUN_TESTS) --quick
.PHONY: check check-quick

SEED ?= 1
COUNT ?= 500
TRUTH = IMGVET=$(BUILD)/imgvet $(PYTHON) tests/truth/
check-truth: deps-truth ## is "complete" true? 500 disks that lie, against kernel and tools (root; 10 minutes; docs/truth.md)
	@$(MAKE) --no-print-directory build
ifdef MUTATIONS
	@$(TRUTH)mutate.py --seed "$(SEED)" --count $(MUTATIONS) --only "$(ONLY)"
else ifdef DAMAGED
	@mkdir -p build/truth/e2fsprogs && $(TRUTH)damaged.py --only "$(ONLY)"
else
	@$(TRUTH)truth.py --seed "$(SEED)" --count $(COUNT) --only "$(ONLY)"
endif
.PHONY: check-truth

FAULT_RUNS ?= 2000
check-faults: deps-check ## a failing cloud, FAULT_RUNS=2000 scripted runs (5 minutes); each system call failing (4 minutes)
	@$(MAKE) --no-print-directory build $(FAILING_CALLS)
	@FAULT_RUNS=$(FAULT_RUNS) FAIL_EVERY=1 TEST_SECONDS=7200 $(RUN_TESTS) tests/fault/
.PHONY: check-faults

# The tests of what runs in several threads.  Not those with threads of their own inside GIO (the
# HTTP tests' server), which ThreadSanitizer cannot look into.
THREAD_TESTS ?= threads/ unit/ledger/ unit/process/ unit/finding/ unit/disk/ test_credentials cloud/test_shares.sh
THREADS := $(BUILD)/san-thread
check-threads: deps-check ## races: search, ledger, audit, credentials under ThreadSanitizer (3 minutes)
	@$(MAKE) $(ALL_CORES) SAN=thread BUILD=$(THREADS) threads-built
	@$(THREADS)/canary locked && ! $(THREADS)/canary open 2>/dev/null || { \
		echo "imgvet: this build does not tell a race from a lock: tests/threads/canary.c" >&2; exit 1; }
	@BUILD=$(THREADS) SAN=thread PYTHON=$(PYTHON) perl tests/run.pl $(if $(TESTS),$(TESTS),$(THREAD_TESTS))
$(BUILD)/canary: tests/threads/canary.c $(BUILD)/libimgvet.a
	$(call say,TEST,$<)
	$(Q)$(CC) $(ALL_CFLAGS) $(PKG_CFLAGS) $(ALL_LDFLAGS) $< $(BUILD)/libimgvet.a $(PKG_LIBS) -o $@
.PHONY: check-threads

# The lines that differ from this commit; the whole tree is never reformatted.
BASE ?= HEAD
format: deps-format ## clang-format for the lines changed since BASE=HEAD
	@git clang-format --extensions c,h $(BASE) || true
.PHONY: format

# One object for each source, with the flags of this build.
COMPDB_SRC := $(LIB_SRC) $(CLI_SRC) $(UNIT_SRC) $(FUZZ_SRC)
compdb: packages ## write compile_commands.json, for editors and clang-tidy
	@PYTHONIOENCODING=utf-8 $(PYTHON) -c 'import json, sys; \
		json.dump([{"directory": sys.argv[1], "file": f, "command": sys.argv[2] + " -c " + f} for f in sys.argv[3].split()], \
		open("compile_commands.json", "w"), indent=1)' \
		"$(CURDIR)" $(call quoted,$(CC) $(ALL_CFLAGS) $(PKG_CFLAGS)) "$(COMPDB_SRC)"
.PHONY: compdb

# The checks are in .clang-tidy and .shellcheckrc.
SHELL_SRC = .ci/run $(wildcard samples/*.sh tests/*.sh tests/*/*.sh cli/completion/*.bash)
lint: deps-lint lint-shell ## shellcheck and clang-tidy, clean or it fails (3 minutes on two cores)
	@$(MAKE) -s --no-print-directory compdb
	@printf '%s\n' $(COMPDB_SRC) | xargs -P $$(nproc) -n 4 clang-tidy --quiet -p . 2>/dev/null
lint-shell: deps-lint ## shellcheck alone (seconds)
	@shellcheck $(SHELL_SRC)
.PHONY: lint lint-shell

demo: deps ## install what is missing, build, then show the whole job on a sample disk
	@$(MAKE) $(ALL_CORES) build
	@BUILD=$(BUILD) samples/demo.sh
.PHONY: demo

# Coverage-guided fuzzing with clang, one target after another; what it learns stays in build/fuzz.
FUZZ_SECONDS ?= 60
fuzz: deps-fuzz ## fuzz every parser, FUZZ_SECONDS=60 each (FUZZ="qcow2 ext": only these)
	@$(MAKE) $(ALL_CORES) CC=clang BUILD=$(BUILD)/fuzz SANFLAGS="-fsanitize=fuzzer-no-link,address,undefined" WERROR= $(BUILD)/fuzz/libimgvet.a
	@for t in $(if $(FUZZ),$(FUZZ),$(FUZZ_SRC:tests/fuzz/fuzz_%.c=%)); do \
		echo "== $$t"; mkdir -p $(BUILD)/fuzz/corpus/$$t && \
		clang $(filter-out -Werror,$(ALL_CFLAGS)) $(PKG_CFLAGS) -fsanitize=fuzzer,address,undefined tests/fuzz/fuzz_$$t.c \
			$(BUILD)/fuzz/libimgvet.a $(PKG_LIBS) -o $(BUILD)/fuzz/fuzz_$$t && \
		$(BUILD)/fuzz/fuzz_$$t -max_total_time=$(FUZZ_SECONDS) -max_len=131072 -rss_limit_mb=4096 -timeout=20 -print_final_stats=1 \
			-artifact_prefix=$(BUILD)/fuzz/ $(BUILD)/fuzz/corpus/$$t tests/fuzz/seeds/$$t || exit 1; done
.PHONY: fuzz

bench: deps-bench ## measure speed as ratios against public tools (20 GB of disk, 15 minutes)
	@$(MAKE) --no-print-directory build
	@$(PYTHON) tests/bench/bench.py $(BUILD)/imgvet $(BUILD)/bench $(BENCH_OPTIONS)
.PHONY: bench

bombs: deps-check ## measure small disks that ask for much memory or time (BOMBS="names_60mb": only these; 10 minutes)
	@$(MAKE) --no-print-directory build
	@$(PYTHON) tests/bench/bombs.py $(BUILD)/imgvet $(BOMBS)
.PHONY: bombs

install: build ## install program, rules, man page, completion: PREFIX=, DESTDIR=
	install -Dm755 $(BUILD)/imgvet $(DESTDIR)$(PREFIX)/bin/imgvet
	install -d $(DESTDIR)$(PREFIX)/share/imgvet/rules
	install -m644 rules/*.yml $(DESTDIR)$(PREFIX)/share/imgvet/rules
	install -Dm644 docs/man/imgvet.1 $(DESTDIR)$(PREFIX)/share/man/man1/imgvet.1
	install -Dm644 cli/completion/imgvet.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/imgvet

uninstall: ## remove what install put there
	rm -f $(DESTDIR)$(PREFIX)/bin/imgvet $(DESTDIR)$(PREFIX)/share/man/man1/imgvet.1 \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/imgvet
	rm -rf $(DESTDIR)$(PREFIX)/share/imgvet

# A labelled corpus and its score.py are not part of the project: name their folder.
score: build ## detection figures on a labelled corpus: CORPUS=folder with score.py and *.jsonl
	@[ -n "$(CORPUS)" ] || { echo "imgvet: name the corpus: make score CORPUS=folder" >&2; exit 2; }
	@home=$$(mktemp -d); trap 'rm -rf $$home' EXIT; for set in $(CORPUS)/*-dev.jsonl; do echo "$$(basename $$set):"; \
		XDG_CONFIG_HOME=$$home XDG_DATA_HOME=$$home $(PYTHON) $(CORPUS)/score.py $$set $(BUILD)/imgvet; done

clean: ## remove what was built
	rm -rf build compile_commands.json
.PHONY: install uninstall score clean

-include $(LIB_OBJ:.o=.d) $(CLI_OBJ:.o=.d) $(UNIT_BIN:=.d) $(FUZZ_BIN:=.d)
