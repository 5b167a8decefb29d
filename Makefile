# SPDX-License-Identifier: Apache-2.0
# snug: `make help` lists the targets.

VERSION := 0.1
# When: what man pages and the bill of materials say, so that two builds say the same. 25 November 2026.
export SOURCE_DATE_EPOCH ?= 1795564800
PREFIX ?= /usr/local
DESTDIR ?=
ifeq ($(origin CC),default)
CC := gcc
endif
CLANG ?= clang
BPFTOOL ?= bpftool
SCDOC ?= scdoc
# Installs missing packages first (Debian, root). `make DEPS=:` trusts that all is there.
DEPS ?= contrib/deps
# A kernel image with BTF, or raw BTF, for building where the running kernel has none.
VMLINUX_BTF ?= /sys/kernel/btf/vmlinux
# Wanted by `make check`; empty: no sanitizer pass.
CHECK_SANITIZE ?= address,undefined
V ?= 0
# coverage: counts lines for gcov. valgrind: what memcheck can look into.
INSTRUMENT ?=
$(if $(and $(SANITIZE),$(INSTRUMENT)),$(error SANITIZE or INSTRUMENT, not both))
# One tree a compiler and sanitizer: build/gcc, build/clang-14, build/gcc-address,undefined, build/gcc-coverage, …
B := build/$(notdir $(CC))$(addprefix -,$(SANITIZE) $(INSTRUMENT))

# All processors, where nobody says otherwise.
ifeq ($(MAKELEVEL)$(findstring j,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 1)
endif

Q := $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),,@printf '  %-8s %s\n' $(1) $(2))

# What the compiler makes programs for, which a cross compiler does not run on; its own ar, since one makes no index of
# another machine's objects.
MACHINE := $(or $(firstword $(subst -, ,$(shell $(CC) -dumpmachine 2>/dev/null))),$(shell uname -m))
ifeq ($(origin AR),default)
AR := $(or $(shell $(CC) -print-prog-name=ar 2>/dev/null),ar)
endif
CET := $(if $(filter x86_64,$(MACHINE)),-fcf-protection,$(if $(filter aarch64,$(MACHINE)),-mbranch-protection=standard))
BPF_ARCH := $(if $(filter aarch64,$(MACHINE)),arm64,x86)

LAYERS := base json self model learn apply store flow hook cli
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Wswitch-enum
# gcc 12 has both; clang 14 zeroes nothing without a warning, so that it is asked.
takes = $(shell echo '\#include <string.h>' | $(CC) -O2 -Werror $(1) -x c -c - -o /dev/null 2>/dev/null && echo '$(1)')
FORTIFY := -U_FORTIFY_SOURCE $(or $(call takes,-D_FORTIFY_SOURCE=3),-D_FORTIFY_SOURCE=2)
# Neither for what looks for mistakes: the checked functions are not those that a sanitizer knows, and a variable that was
# zeroed is one that was initialised.
HARDEN := -fPIE -fstack-protector-strong -fstack-clash-protection $(CET) -fno-strict-aliasing \
	$(if $(SANITIZE)$(INSTRUMENT),,$(FORTIFY) $(call takes,-ftrivial-auto-var-init=zero))
# Wherever the tree lies, the bytes are the same (`make reproducible`). gcov has to find its files.
SAME := $(if $(INSTRUMENT),,-ffile-prefix-map=$(CURDIR)=.)
OPTIMISE_coverage := -O0
OPTIMISE_valgrind := -O1
SAN := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer)
GCOV := $(if $(filter coverage,$(INSTRUMENT)),--coverage -fprofile-update=prefer-atomic -DSNUG_SELF_LENIENT)
OPTIMISE := $(or $(OPTIMISE_$(INSTRUMENT)),-O2)
override CFLAGS := -std=gnu17 $(OPTIMISE) -g $(WARN) $(if $(WERROR),-Werror) $(HARDEN) $(SAME) $(SAN) $(GCOV) -D_GNU_SOURCE -Isrc \
	-I$(B)/gen $(CFLAGS)
override LDFLAGS := -pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code -Wl,--as-needed $(SAN) $(GCOV) $(LDFLAGS)
comma := ,
# What a sanitizer finds in a hook, and what gcov counts there, finds its way out (contrib/instrument).
INSTRUMENTED := $(if $(SANITIZE)$(GCOV),$(B)/instrument/instrument.o)
WRAP := $(if $(GCOV),-Wl$(comma)--wrap=_exit)
override LDFLAGS += $(INSTRUMENTED) $(WRAP)
LIBS := -lapparmor -lseccomp -lcap -lbpf -lyajl -lnettle -lelf -lz

src = $(wildcard src/$(1)/*.c src/$(1)/*/*.c)
obj = $(patsubst src/%.c,$(B)/obj/%.o,$(filter-out %.bpf.c src/hook/main.c src/hook/runtime_main.c,$(call src,$(1))))
ARCHIVES := $(patsubst %,$(B)/lib%.a,$(LAYERS))
MAN := $(patsubst docs/man/%.scd,$(B)/man/%,$(wildcard docs/man/*.scd))

all: $(B)/snug $(B)/snug-hook $(B)/snug-runtime $(MAN)

help:
	@echo 'make              the program, and its man pages'
	@echo 'make demo         learn, generate, harden and attack a real container (WORKLOAD=httpd|nginx|redis)'
	@echo 'make check        all tests; SNUG_TESTS_STRICT=1 turns skips into failures'
	@echo 'make check-vm     those of them that run in a VM: AppArmor, BPF LSM, cgroup v2, Linux 6.1'
	@echo 'make check-engines  and those with Podman, Docker and containerd, in the VM too'
	@echo 'make vm           a shell in that VM, on a copy of this tree'
	@echo 'make unit         unit, property and truth-table tests alone'
	@echo 'make faults       each system call and allocation failed, all of them: hours (make check takes a sample)'
	@echo 'make fuzz         SECONDS of libFuzzer for each of TARGETS (docs/reliability.md)'
	@echo 'make self-profile  the calls of snug'\''s own filter anew, by learning snug (runc, jq, BPF)'
	@echo 'make bench        what recording and hardening cost, into docs/performance.md; GROUPS="start wrapper" these alone; ROUNDS=15'
	@echo 'make lint         clang-format, clang-tidy, cppcheck, gcc -fanalyzer, scan-build, shellcheck'
	@echo 'make valgrind     unit, golden and truth-table tests under memcheck'
	@echo 'make coverage     all tests with gcov: lines per layer, and the files below 90%'
	@echo 'make check SANITIZE=address,undefined CHECK_SANITIZE=   all tests, live ones too, with sanitized programs and hooks'
	@echo 'make bench        what recording and hardening cost'
	@echo 'make sbom         what is in the programs: SPDX 2.3, build/snug.spdx.json'
	@echo 'make reproducible builds a second time elsewhere, and compares the bytes'
	@echo 'make install      into $$DESTDIR$$PREFIX ($(DESTDIR)$(PREFIX)); make uninstall takes it away, but for /var/lib/snug'
	@echo 'make deps         the Debian packages for all of these'
	@echo 'make clean        removes build/'
	@echo 'Variables: CC CFLAGS LDFLAGS SANITIZE=address,undefined WERROR=1 V=1 DEPS=: VMLINUX_BTF=FILE'

# Packages first: the fresh machine has git and make, perhaps not even a compiler.
deps-build deps-check deps-demo deps-vm deps-lint deps-bench deps-fuzz deps-sbom deps-valgrind:
	@$(DEPS) $(@:deps-%=%)

deps:
	@contrib/deps all

define layer
$(B)/lib$(1).a: $(call obj,$(1))
	$$(call say,AR,$$@)
	$(Q)rm -f $$@ && $$(AR) rcsD $$@ $$^
endef
$(foreach l,$(LAYERS),$(eval $(call layer,$(l))))
$(ARCHIVES): | deps-build

$(B)/obj/%.o: src/%.c | deps-build
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -MMD -MP -c $< -o $@

$(B)/instrument/%.o: contrib/instrument/%.c | deps-build
	$(call say,CC,$<)
	@mkdir -p $(@D) $(B)/reports && chmod 1777 $(B)/reports
	$(Q)$(CC) -O2 -g -Wall -Wextra -D_GNU_SOURCE $(if $(SANITIZE),-DSNUG_REPORTS='"$(CURDIR)/$(B)/reports"') $(if $(GCOV),-DSNUG_COVERAGE) -c $< -o $@

$(B)/gen/syscalls.inc: src/model/syscalls.tsv src/model/syscalls.awk
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q)LC_ALL=C awk -f src/model/syscalls.awk $< > $@.tmp && mv $@.tmp $@
$(B)/obj/model/syscalls.o: $(B)/gen/syscalls.inc

# The calls of snug's own filter, as cBPF.
$(B)/gen/self_calls.inc: src/self/calls.tsv src/self/calls.awk
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q)LC_ALL=C awk -f src/self/calls.awk $< > $@.tmp && mv $@.tmp $@
$(B)/obj/self/filter.o: $(B)/gen/self_calls.inc

# BPF: vmlinux.h comes from BTF and is never committed; CO-RE fits the object to other kernels.
$(B)/gen/vmlinux.h: | deps-build
	$(call say,BTF,$@)
	@mkdir -p $(@D)
	@test -r $(VMLINUX_BTF) || { echo 'make: $(VMLINUX_BTF): this kernel shows no BTF (CONFIG_DEBUG_INFO_BTF);' \
		'build on one that does, or say VMLINUX_BTF=FILE (a vmlinux image with BTF)' >&2; exit 1; }
	$(Q)$(BPFTOOL) btf dump file $(VMLINUX_BTF) format c > $@.tmp && mv $@.tmp $@

$(B)/gen/%.bpf.o: src/learn/%.bpf.c $(B)/gen/vmlinux.h
	$(call say,BPF,$<)
	$(Q)$(CLANG) -target bpf -mcpu=v3 -D__TARGET_ARCH_$(BPF_ARCH) -O2 -g -Wall -ffile-prefix-map=$(CURDIR)=. -Isrc -I$(B)/gen \
		-MMD -MP -MF $(@:.o=.d) -MT $@ -c $< -o $@.tmp
	$(Q)$(BPFTOOL) gen object $@ $@.tmp && rm $@.tmp # leaves out DWARF

$(B)/gen/%.skel.h: $(B)/gen/%.bpf.o
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name $* > $@.tmp && mv $@.tmp $@

SKELETONS := $(patsubst src/learn/%.bpf.c,$(B)/gen/%.skel.h,$(wildcard src/learn/*.bpf.c))
$(call obj,learn): $(SKELETONS)
.SECONDARY:

# Link order follows the arrows: later layers first.
# The linker's map says what it took from which archive: `make sbom` reads it.
LINK_ORDER := cli hook flow store apply learn model self json base
$(B)/snug: $(patsubst %,$(B)/lib%.a,$(LINK_ORDER)) $(INSTRUMENTED)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $(B)/obj/cli/main.o $(patsubst %,$(B)/lib%.a,$(LINK_ORDER)) $(LIBS) \
		-Xlinker -Map=$@.map -o $@

# What runtimes call, and what stands in for one: static, so that it starts fast and needs no library of the host's. Without
# libbpf and libseccomp: of apply they take the exec boundary alone. (Sanitizers cannot be linked statically.)
HOOK_ORDER := hook flow store apply learn model self json base
main_snug-hook := main
main_snug-runtime := runtime_main
define static_program
$(B)/$(1): $(B)/obj/hook/$(main_$(1)).o $(patsubst %,$(B)/lib%.a,$(HOOK_ORDER)) $(INSTRUMENTED)
	$$(call say,LD,$$@)
	$$(Q)$$(CC) $$(CFLAGS) $$(LDFLAGS) $$(if $$(SANITIZE),,-static-pie) $(B)/obj/hook/$(main_$(1)).o \
		$(patsubst %,$(B)/lib%.a,$(HOOK_ORDER)) $$(if $$(SANITIZE),-lyajl,-lyajl_s) -lnettle \
		-Xlinker -Map=$$@.map -o $$@
endef
$(foreach p,snug-hook snug-runtime,$(eval $(call static_program,$(p))))

$(B)/man/%: docs/man/%.scd | deps-build
	$(call say,MAN,$@)
	@mkdir -p $(@D)
	$(Q)$(SCDOC) < $< > $@.tmp && mv $@.tmp $@

# Unit and property tests: tests/KIND/LAYER/test_*.c link that layer and those below it.
below_base := base
below_json := json base
below_self := self json base
below_model := model json base
below_learn := learn $(below_model)
below_apply := apply $(below_model)
below_store := store $(below_model)
below_flow := flow store apply learn self $(below_model)
below_hook := hook $(below_flow)
below_cli := cli hook $(below_flow)
KINDS := unit truth golden property
tests_of = $(foreach k,$(1),$(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/$(k)/*/test_*.c)))
UNIT := $(call tests_of,$(KINDS))

# $(1): unit, property or truth; $(2): the layer.
define test_rule
$(B)/tests/$(1)/$(2)/%: tests/$(1)/$(2)/%.c $(patsubst %,$(B)/lib%.a,$(below_$(2))) $(INSTRUMENTED) | deps-check
	$$(call say,TEST,$$@)
	@mkdir -p $$(@D)
	$(Q)$$(CC) $$(CFLAGS) -Itests -MMD -MP $$(LDFLAGS) $$(flags_$$*) $$< $$(filter %.a,$$^) $$(LIBS) -lcmocka -o $$@
endef
$(foreach k,$(KINDS),$(foreach l,$(LAYERS),$(eval $(call test_rule,$(k),$(l)))))

# Its allocations are made to fail (tests/support/memory.h).
flags_test_memory := $(patsubst %,-Wl$(comma)--wrap=%,malloc calloc realloc reallocarray strdup strndup free)
flags_test_memory_harden := $(flags_test_memory)

# Fuzz targets: tests/fuzz/fuzz_NAME.c links the layer named here and those below it. `make check` links each with
# replay.c, `make fuzz` with libFuzzer, in a tree of its own.
FUZZ_TARGETS := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
fuzz_layer_json := json
fuzz_layer_event := learn
fuzz_layer_seccomp := apply
fuzz_layer_state := hook
fuzz_archives = $(patsubst %,$(B)/lib%.a,$(below_$(or $(fuzz_layer_$(1)),model)))
# By name, as a compiler that is given several files writes what the last of them needs.
FUZZ_HEADERS := $(wildcard tests/*.h tests/fuzz/*.h tests/support/*.h)
REPLAY := $(patsubst %,$(B)/tests/fuzz/replay_%,$(FUZZ_TARGETS))
define fuzz_rule
$(B)/tests/fuzz/replay_$(1): tests/fuzz/fuzz_$(1).c tests/fuzz/replay.c $(FUZZ_HEADERS) $(call fuzz_archives,$(1)) $(INSTRUMENTED) | deps-check
	$$(call say,TEST,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(CFLAGS) -Itests -DSNUG_FUZZ_NAME='"$(1)"' $$(LDFLAGS) $$(filter %.c %.a,$$^) $$(LIBS) -lcmocka -o $$@

$(B)/bin/$(1): tests/fuzz/fuzz_$(1).c tests/fuzz/json_mutate.c $(FUZZ_HEADERS) $(call fuzz_archives,$(1)) $(INSTRUMENTED) | deps-fuzz
	$$(call say,FUZZ,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(CFLAGS) -Itests $$(LDFLAGS) -fsanitize=fuzzer $$< \
		$$(if $$(filter $(1),$(FUZZ_JSON)),tests/fuzz/json_mutate.c) $$(filter %.a,$$^) $$(LIBS) -lcmocka -o $$@
endef
# Those whose inputs are JSON documents.
FUZZ_JSON := json harden state recording profile policy apparmor install
$(foreach t,$(FUZZ_TARGETS),$(eval $(call fuzz_rule,$(t))))
fuzz-build: $(addprefix $(B)/bin/,$(if $(TARGETS),$(TARGETS),$(FUZZ_TARGETS)))

# SECONDS for each of TARGETS (all). Findings, corpora and the log stay in build/fuzz.
SECONDS ?= 60
fuzz: deps-fuzz
	+@$(MAKE) --no-print-directory B=build/fuzz CC=clang-14 SANITIZE=address,undefined,fuzzer-no-link \
		CFLAGS='-fno-sanitize-recover=all -fno-sanitize-coverage=trace-cmp -U_FORTIFY_SOURCE' DEPS=: fuzz-build
	@tests/fuzz/run $(SECONDS) $(if $(TARGETS),$(TARGETS),$(FUZZ_TARGETS))

# What live tests run in containers, or beside them. Some are bare: their calls are all that they make.
PROGRAMS := $(addprefix $(B)/programs/,sequence32 $(patsubst %.bpf,%.bpf.o,$(basename $(notdir $(wildcard tests/live/programs/*.c tests/live/programs/*.go)))))
bare := -static -nostdlib -ffreestanding -fno-stack-protector -fno-builtin
flags_sequence := $(bare)
flags_calls := $(bare)
flags_atonce := $(bare)
flags_starter := -static -pthread
flags_intruder := $(bare)
flags_files := -static
flags_closed := -static
flags_talk := -static
flags_uring := -static
flags_flood := -static
flags_forks := -static
flags_threads := -static -pthread
flags_refused := -static -pthread
flags_company := -static -pthread
flags_deadleader := -static -pthread
flags_keeps := -static -pthread
from_compare := model json base
from_fault := base
from_accesses := $(from_compare)
from_judge := apply $(from_compare)
from_adopt := flow learn store $(from_judge)
libs_of = $(patsubst %,$(B)/lib%.a,$(from_$(1)))
$(foreach p,compare accesses judge adopt fault,$(eval $(B)/programs/$(p): $(call libs_of,$(p))))
$(B)/programs/%: tests/live/programs/%.c $(INSTRUMENTED) | deps-check
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu17 -O2 -Wall -Wextra -D_GNU_SOURCE -Isrc -Itests -MMD -MP $(flags_$*) $< \
		-Wl,--start-group $(call libs_of,$*) -Wl,--end-group $(if $(from_$*),-Wl$(comma)--as-needed $(SAN) $(GCOV) \
		$(INSTRUMENTED) $(WRAP) $(LIBS)) -o $@

$(B)/programs/%.bpf.o: tests/live/programs/%.bpf.c | deps-check
	$(call say,BPF,$@)
	@mkdir -p $(@D)
	$(Q)$(CLANG) -target bpf -O2 -g -Wall -I/usr/include/$(MACHINE)-linux-gnu -c $< -o $@

# The same programs, for tests/live/self.bats: with a parser that does what a document says, once confined as
# always and once not at all; and, for contrib/self/record, without the filter that is made there.
wraps = $(foreach f,$(1),-Wl$(comma)--wrap=$(f))
planted := tests/live/self/planted.c $(call wraps,snug_json_parse_own snug_json_parse_yajl)
naked := $(planted) tests/live/self/naked.c $(call wraps,snug_guest_invite snug_self_confine snug_self_shed)
unfiltered := tests/live/self/unfiltered.c $(call wraps,snug_self_filter_load)
strict := src/self/filter.c -DSNUG_SELF_STRICT
SELF_PROGRAMS := $(foreach v,strict planted naked,$(addprefix $(B)/self/$(v)/,snug snug-hook snug-runtime)) $(B)/self/unfiltered/snug
define self_program
$(B)/self/$(1)/$(2): $(filter %.c,$($(1))) $(B)/$(2) | deps-check
	$$(call say,LD,$$@)
	@mkdir -p $$(@D)
	$(Q)$$(CC) $$(CFLAGS) -Itests $$(LDFLAGS) $(if $(filter snug,$(2)),,$$(if $$(SANITIZE),,-static-pie)) $($(1)) \
		$(if $(filter snug,$(2)),$(B)/obj/cli/main.o $(patsubst %,$(B)/lib%.a,$(LINK_ORDER)) $(LIBS),\
		$(B)/obj/hook/$(main_$(2)).o $(patsubst %,$(B)/lib%.a,$(HOOK_ORDER)) $(if $(SANITIZE),-lyajl,-lyajl_s) -lnettle) -o $$@
endef
$(SELF_PROGRAMS): $(B)/gen/self_calls.inc
$(foreach p,$(SELF_PROGRAMS),$(eval $(call self_program,$(notdir $(patsubst %/,%,$(dir $(p)))),$(notdir $(p)))))

self-profile: $(B)/self/unfiltered/snug all
	@SNUG_BUILD=$(B) contrib/self/record src/self/calls.tsv

# These two are not had everywhere: the tests that want them are skipped then.
$(B)/programs/sequence32: tests/live/programs/sequence.c | deps-check
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -m32 -std=gnu17 -O2 -Wall -Wextra $(bare) $< -o $@ || rm -f $@

$(B)/programs/busy: tests/live/programs/busy.go | deps-check
	$(call say,GO,$@)
	@mkdir -p $(@D)
	$(Q)! command -v go >/dev/null || \
		CGO_ENABLED=0 GOCACHE=$(CURDIR)/build/cache/go GOFLAGS=-mod=mod go build -o $@ $<

programs: $(PROGRAMS) $(SELF_PROGRAMS)

unit: $(UNIT)
	@for t in $(UNIT); do $$t || exit 1; done

# What the sanitizer pass of `make check` runs: all but the property tests, which are long enough.
unit-build: $(call tests_of,unit truth golden) $(REPLAY)

# Of those valgrind 3.19 cannot run: what waits on a pidfd, loads a filter or traces (it does not know these calls).
NO_VALGRIND := $(patsubst %,$(B)/tests/unit/%,apply/test_apparmor_parser apply/test_boundary apply/test_filter apply/test_readback \
	flow/test_confine apply/test_clerk self/test_guest)
# Those under memcheck; and all tests with gcov's counters, live ones and hooks too: what share of the lines ran.
valgrind: deps-valgrind
	+@$(MAKE) --no-print-directory INSTRUMENT=valgrind DEPS=: unit-build
	@contrib/valgrind $(patsubst $(B)/%,$(B)-valgrind/%,$(filter-out $(NO_VALGRIND),$(call tests_of,unit truth golden)))

coverage: deps-check
	@find $(B)-coverage -name '*.gcda' -delete 2>/dev/null || :
	+@$(MAKE) --no-print-directory INSTRUMENT=coverage CHECK_SANITIZE= DEPS=: check; status=$$?; \
		contrib/coverage $(B)-coverage && exit $$status


check: deps-check all $(ARCHIVES) $(UNIT) $(REPLAY) $(PROGRAMS) $(SELF_PROGRAMS) $(B)/attack
	$(if $(CHECK_SANITIZE),+@$(MAKE) --no-print-directory SANITIZE=$(CHECK_SANITIZE) DEPS=: all unit-build)
	@SNUG_BUILD=$(B) SNUG_SANITIZED=$(if $(CHECK_SANITIZE),build/$(notdir $(CC))-$(CHECK_SANITIZE)) tests/run $(TESTS)

# All points, where `make check` takes a sample; SNUG_FAULTS=N: so many of each kind.
faults: deps-check all $(call tests_of,unit) $(PROGRAMS)
	@SNUG_BUILD=$(B) SNUG_FAULTS=$${SNUG_FAULTS:-all} SNUG_TESTS_SECONDS=86400 tests/run faults test_memory

# A machine of its own (contrib/vm), emulated; its image is made once.
vm: deps-vm all
	@SNUG_BUILD=$(B) contrib/vm/run --shell

check-vm: deps-check all $(PROGRAMS) $(B)/attack
	@SNUG_BUILD=$(B) tests/run vm:

check-engines: deps-check all $(PROGRAMS) $(B)/attack
	@SNUG_BUILD=$(B) tests/run engines:

# The attacks stand alone, so that they need nothing of what a profile might take away.
$(B)/attack: contrib/demo/attack.c | deps-build
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu17 -O2 $(WARN) -static -nostdlib -ffreestanding -fno-stack-protector -fno-builtin -MMD -MP $< -o $@

WORKLOAD ?= httpd
demo: deps-demo all $(B)/attack
	@SNUG_BUILD=$(B) contrib/demo/run $(WORKLOAD)

# What is in the programs: SPDX 2.3.
sbom: deps-sbom all
	$(call say,SBOM,build/snug.spdx.json)
	$(Q)CC=$(CC) CLANG=$(CLANG) BPFTOOL=$(BPFTOOL) contrib/sbom $(B) $(VERSION) > build/snug.spdx.json.tmp
	$(Q)mv build/snug.spdx.json.tmp build/snug.spdx.json

# Builds what is committed or not a second time, from a folder with another name, and compares the bytes.
reproducible: deps-build all
	@contrib/reproducible $(B) all

# What the bench runs: programs, and the BPF programs that stand for peers.
BENCH := $(patsubst contrib/bench/%.c,$(B)/bench/%,$(filter-out %.bpf.c,$(wildcard contrib/bench/*.c))) \
	$(patsubst contrib/bench/%.c,$(B)/bench/%.o,$(wildcard contrib/bench/*.bpf.c))
bench_attach := -lbpf
bench_loop := -static
bench_empty := -static
bench_clock := -static
bench_filter := -lseccomp
$(B)/bench/%: contrib/bench/%.c | deps-bench
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu17 -O2 $(WARN) -D_GNU_SOURCE -MMD -MP $< $(bench_$*) -o $@

$(B)/bench/%.bpf.o: contrib/bench/%.bpf.c $(B)/gen/vmlinux.h | deps-bench
	$(call say,BPF,$@)
	@mkdir -p $(@D)
	$(Q)$(CLANG) -target bpf -mcpu=v3 -D__TARGET_ARCH_$(BPF_ARCH) -O2 -g -Wall -I/usr/include/$(MACHINE)-linux-gnu -I$(B)/gen -c $< -o $@

# GROUPS="start wrapper": these alone; ROUNDS=15.
bench: deps-bench all $(BENCH)
	@SNUG_BUILD=$(B) contrib/bench/run $(GROUPS)

lint: deps-lint deps-check $(SKELETONS) $(B)/gen/syscalls.inc $(B)/gen/self_calls.inc
	@B=$(B) contrib/lint

BINDIR := $(DESTDIR)$(PREFIX)/bin
MANDIR := $(DESTDIR)$(PREFIX)/share/man/man1
COMPDIR := $(DESTDIR)$(PREFIX)/share/bash-completion/completions
# Where snug looks is fixed (src/store/store.c), so that a program does not depend on how it was installed.
PROFILEDIR := $(DESTDIR)$(PREFIX)/share/snug/profiles
PROFILES := $(wildcard profiles/*.json)
install: all
	install -D -m 755 -t $(BINDIR) $(B)/snug $(B)/snug-hook $(B)/snug-runtime
	install -D -m 644 -t $(MANDIR) $(MAN)
	install -D -m 644 contrib/completion/snug.bash $(COMPDIR)/snug
	install -D -m 644 -t $(PROFILEDIR) $(PROFILES)
ifeq ($(filter /usr /usr/local,$(abspath $(PREFIX))),)
	@echo 'make: snug looks for profiles in /usr/local/share and /usr/share: copy those of $(PREFIX)/share/snug' \
		'to /etc/snug/profiles' >&2
endif

uninstall:
	@! ls $(DESTDIR)/var/lib/snug/install/*.json >/dev/null 2>&1 || { echo 'make: engines still call snug, and some start containers without' \
		'it when it is gone: `snug uninstall ENGINE` first ($(DESTDIR)/var/lib/snug/install)' >&2; exit 1; }
	rm -f $(BINDIR)/snug $(BINDIR)/snug-hook $(BINDIR)/snug-runtime $(patsubst $(B)/man/%,$(MANDIR)/%,$(MAN)) \
		$(COMPDIR)/snug $(patsubst profiles/%,$(PROFILEDIR)/%,$(PROFILES))

clean:
	rm -rf build

.PHONY: all help deps deps-build deps-check deps-demo deps-vm deps-lint deps-bench deps-fuzz deps-sbom deps-valgrind valgrind coverage sbom reproducible fuzz fuzz-build programs self-profile unit unit-build check \
	check-vm check-engines faults vm demo bench lint install uninstall clean
-include $(shell find $(B) -name '*.d' 2>/dev/null)
