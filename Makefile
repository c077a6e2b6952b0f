# imgvet: build, test, demonstrate, measure, install.  `make help` lists the targets.
#
# Knobs:
#   BUILD=dir          build folder (default build; a sanitizer build gets its own)
#   SAN=address,undefined   build with sanitizers
#   CC=, CFLAGS=, LDFLAGS=  as usual
#   PREFIX=, DESTDIR=  for install
#   TESTS="..."        run only these tests (paths below tests/)
#   WERROR=            leave warnings as warnings (users of other compilers)

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

# --- packages: the one place where they are listed -------------------------------

# to build and to run the demo
DEPS_BUILD := gcc libc6-dev make pkg-config libglib2.0-dev libpcre2-dev libcjson-dev \
	libcurl4-openssl-dev libvectorscan-dev libext2fs-dev libyaml-dev libarchive-dev libssl-dev \
	libsqlite3-dev libseccomp-dev libguestfs-dev libzstd-dev liblzma-dev zlib1g-dev \
	e2fsprogs fdisk qemu-utils python3 ca-certificates
# to run all tests as well (the appliance's kernel, second opinions, browsers of none)
DEPS_CHECK := perl openssl fsverity python3-jsonschema python3-yaml bash-completion mandoc util-linux \
	linux-image-amd64 qemu-system-x86 supermin libguestfs-tools dosfstools mtools
# to drive the stand-in of the cloud with the official SDKs; Node from elsewhere will do
DEPS_NODE = $(shell command -v npm >/dev/null || echo nodejs npm)
# to run the benchmarks as well
DEPS_BENCH := ripgrep openssl time libguestfs-tools linux-image-amd64 qemu-system-x86 supermin

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

LIB_OBJ := $(LIB_SRC:%.c=$(BUILD)/%.o)
CLI_OBJ := $(CLI_SRC:%.c=$(BUILD)/%.o)
UNIT_BIN := $(UNIT_SRC:tests/unit/%.c=$(BUILD)/tests/%)
FUZZ_BIN := $(FUZZ_SRC:tests/fuzz/%.c=$(BUILD)/tests/%)

PKGS := glib-2.0 gio-unix-2.0 libpcre2-8 libcjson libcurl libhs ext2fs com_err yaml-0.1 \
	libarchive libcrypto sqlite3 libseccomp libguestfs libzstd liblzma zlib
PKG_CFLAGS = $(shell pkg-config --cflags $(PKGS) | sed 's/-I/-isystem /g')
PKG_LIBS = $(shell pkg-config --libs $(PKGS)) -lm -lpthread

WARN := -Wall -Wextra -Wformat=2 -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	-Wpointer-arith -Wwrite-strings -Wundef -Wno-missing-field-initializers -Wno-unused-parameter
HARDEN := -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DIV_VERSION='"$(VERSION)"' -I. \
	$(WARN) $(WERROR) $(HARDEN) $(CFLAGS) $(SANFLAGS)
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now -Wl,--as-needed $(LDFLAGS) $(SANFLAGS)

.PHONY: score all help deps deps-check deps-bench build check demo bench install uninstall clean
.DEFAULT_GOAL := all

all: deps ## install what is missing, build build/imgvet
	@$(MAKE) --no-print-directory build

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 18

deps:
	$(call install-deps,$(DEPS_BUILD))
deps-check:
	$(call install-deps,$(DEPS_BUILD) $(DEPS_CHECK) $(DEPS_NODE))
	@$(MAKE) -s --no-print-directory $(SDK_HERE)
deps-bench:
	$(call install-deps,$(DEPS_BUILD) $(DEPS_BENCH))

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

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC    $<"
	@$(CC) $(ALL_CFLAGS) $(PKG_CFLAGS) -MMD -MP -c $< -o $@

$(BUILD)/libimgvet.a: $(LIB_OBJ)
	@echo "  AR    $@"
	@rm -f $@; ar qcs $@ $^

$(BUILD)/imgvet: $(CLI_OBJ) $(BUILD)/libimgvet.a
	@echo "  LD    $@"
	@$(CC) $(ALL_LDFLAGS) $^ $(PKG_LIBS) -o $@

$(BUILD)/tests/%: tests/unit/%.c $(BUILD)/libimgvet.a
	@mkdir -p $(@D)
	@echo "  TEST  $<"
	@$(CC) $(ALL_CFLAGS) $(PKG_CFLAGS) -MMD -MP -MF $@.d $(ALL_LDFLAGS) $< $(BUILD)/libimgvet.a $(PKG_LIBS) -o $@

# A fuzz target is LLVMFuzzerTestOneInput(); in make check a small driver replays its seeds.
$(BUILD)/tests/fuzz_%: tests/fuzz/fuzz_%.c tests/fuzz/replay.c $(BUILD)/libimgvet.a
	@mkdir -p $(@D)
	@echo "  FUZZ  $<"
	@$(CC) $(ALL_CFLAGS) $(PKG_CFLAGS) -MMD -MP -MF $@.d $(ALL_LDFLAGS) $< tests/fuzz/replay.c $(BUILD)/libimgvet.a $(PKG_LIBS) -o $@

# What each anchor and each rule costs: build/bench_engine rules FILE [PATHS]
$(BUILD)/bench_engine: tests/bench/bench_engine.c $(BUILD)/libimgvet.a
	@echo "  BENCH $<"
	@$(CC) $(ALL_CFLAGS) $(PKG_CFLAGS) $(ALL_LDFLAGS) $< $(BUILD)/libimgvet.a $(PKG_LIBS) -o $@

tests-built: build $(UNIT_BIN) $(FUZZ_BIN)
.PHONY: tests-built

check: deps-check ## install what is missing, build, run every test
	@$(MAKE) --no-print-directory -j$$(nproc) tests-built
	@BUILD=$(BUILD) SAN="$(SAN)" PYTHON=$(PYTHON) perl tests/run.pl $(TESTS)

FAULT_RUNS ?= 2000
check-faults: deps-check ## share and unshare against a failing cloud, FAULT_RUNS=2000 scripted runs (5 minutes)
	@$(MAKE) --no-print-directory build
	@BUILD=$(BUILD) PYTHON=$(PYTHON) FAULT_RUNS=$(FAULT_RUNS) TEST_SECONDS=7200 perl tests/run.pl tests/fault/
.PHONY: check-faults

demo: deps ## install what is missing, build, then show the whole job on a sample disk
	@$(MAKE) --no-print-directory -j$$(nproc) build
	@BUILD=$(BUILD) samples/demo.sh

# Coverage-guided fuzzing with clang, one target after another; what it learns stays in build/fuzz.
FUZZ_SECONDS ?= 60
DEPS_FUZZ := clang libclang-rt-14-dev
fuzz: ## fuzz every parser, FUZZ_SECONDS=60 each (FUZZ="qcow2 ext": only these)
	$(call install-deps,$(DEPS_BUILD) $(DEPS_FUZZ))
	@$(MAKE) --no-print-directory -j$$(nproc) CC=clang BUILD=$(BUILD)/fuzz SANFLAGS="-fsanitize=fuzzer-no-link,address,undefined" WERROR= $(BUILD)/fuzz/libimgvet.a
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
	rm -rf build

-include $(LIB_OBJ:.o=.d) $(CLI_OBJ:.o=.d) $(UNIT_BIN:=.d) $(FUZZ_BIN:=.d)
