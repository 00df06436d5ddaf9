# SPDX-License-Identifier: Apache-2.0
# The one entry for people: `make help` lists what it does.  Every folder says in its build.mk what is built from it.

VERSION := 1.0.0

PREFIX  ?= /usr
DESTDIR ?=
# Make's own default for CC is no wish of the user's; CC in the environment or on the command line is one.
ifeq ($(origin CC),default)
  CC := gcc
endif
CLANG   ?= clang
BPFTOOL ?= $(or $(shell command -v bpftool 2>/dev/null),/usr/sbin/bpftool)
LLVM_STRIP ?= llvm-strip
AR      ?= ar

PKG_CONFIG ?= pkg-config

# ARCH=arm64 or x86_64 builds for that architecture, on any of them.
HOST_ARCH := $(patsubst aarch64,arm64,$(shell uname -m))
ARCH      ?= $(HOST_ARCH)
BUILD_DIR := build
SYSROOT   := /
ifneq ($(ARCH),$(HOST_ARCH))
  include cross.mk
endif
# The scripts of the tests go by these (tests/vm/arch.sh).
export ARCH BUILD_DIR

# SAN=1 builds the same tree with AddressSanitizer and UndefinedBehaviorSanitizer, SAN=thread with ThreadSanitizer, each
# in a directory of its own.
SAN_THREAD := $(filter thread,$(SAN))
SAN_NAME   := $(if $(SAN_THREAD),ThreadSanitizer,AddressSanitizer)
O := $(BUILD_DIR)$(if $(SAN),/$(if $(SAN_THREAD),tsan,san))

ifeq ($(V),1)
  Q :=
  say :=
else
  Q := @
  say = @printf '  %-8s %s\n' $(1) $(2);
endif

WARNINGS  := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wvla
HARDENING := -fPIE -fstack-protector-strong -fstack-clash-protection -ffunction-sections -fdata-sections \
             $(if $(SAN),,-D_FORTIFY_SOURCE=2)
comma     := ,
SANITIZE  := $(if $(SAN_THREAD),-fsanitize=thread -fno-omit-frame-pointer, \
             $(if $(SAN),-fsanitize=address$(comma)undefined -fno-sanitize-recover=all -fno-omit-frame-pointer))

CFLAGS   ?= -O2 -g
CPPFLAGS += -D_GNU_SOURCE -Iinclude -Iuserspace -I$(O)/gen
ALL_CFLAGS = -std=gnu17 $(CFLAGS) $(WARNINGS) $(HARDENING) $(SANITIZE) $(CPPFLAGS)
# Static programs are position independent too (static-pie); the sanitizers need a dynamic one.
LINK_STATIC  = $(if $(SAN),-pie,-static-pie $(PACK_RELOCATIONS))
# Relocations in a sixteenth of the room, where the linker can write them and a static libc reads them.
# Found out once, when the first of them is linked.
PACK_RELOCATIONS = $(eval PACK_RELOCATIONS := $(PACK_RELOCATIONS_PROBE))$(PACK_RELOCATIONS)
PACK_RELOCATIONS_PROBE = $(shell echo 'int main(void) { _Static_assert(__GLIBC_PREREQ(2, 36), "it reads them"); }' | \
	$(CC) -xc -include features.h -static-pie -fPIE -Wl,--fatal-warnings -Wl,-z,pack-relative-relocs -o /dev/null - 2>/dev/null && \
	echo -Wl,-z,pack-relative-relocs)
LDFLAGS_ALL  = $(SANITIZE) -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--gc-sections $(LDFLAGS)

.DELETE_ON_ERROR:
.SUFFIXES:
.SECONDARY:
.DEFAULT_GOAL := all
.PHONY: all help clean distclean install uninstall deps check check-parts check-unit demo bench probe

# Each list is filled by the build.mk files.
PROGRAMS   :=   # what `make` builds for users
TEST_PARTS :=   # what only the tests need, in test machines
CHECK_PARTS :=  # what else the checks need
SAN_PARTS  :=   # the same, with the sanitizers
CHECKS     :=   # targets that `make check` runs, in this order

# $(call objects,DIR): the objects of every C file under DIR, but for a file main.c (it holds main() alone,
# so that the tests can link all the rest).
objects = $(patsubst %.c,$(O)/obj/%.o,$(filter-out %/main.c,$(sort $(wildcard $(1)/*.c $(1)/*/*.c))))

include userspace/build.mk
include bpf/build.mk
-include vmbase/build.mk
include tests/build.mk

all: probe $(PROGRAMS)

$(O)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(ALL_CFLAGS) $(OBJ_CFLAGS) -MMD -MP -c -o $@ $<

$(O)/lib/%.a:
	@mkdir -p $(@D)
	$(call say,AR,$@)rm -f $@ && $(AR) rcs $@ $^

-include $(shell find $(O)/obj -name '*.d' 2>/dev/null)

# What was found on this machine, printed once per build directory.
probe: $(O)/probed
$(O)/probed:
	@mkdir -p $(@D)
	@CC="$(CC)" CLANG="$(CLANG)" tests/packages.sh probe | tee $@.tmp && mv $@.tmp $@

deps:
	@tests/packages.sh install

# Everything is built before: checks that run side by side never build the same file.  The longest come first.
check: deps
	@$(MAKE) --no-print-directory -j$(shell nproc) check-parts
	@tests/check.py --kernels "$(KERNELS)" $(if $(JUNIT),--junit $(JUNIT)) $(filter $(CHECKS),$(LONG_CHECKS)) $(filter-out $(LONG_CHECKS),$(CHECKS))

demo: deps
	@$(MAKE) --no-print-directory run-demo

# Each step must succeed.
install: all
	$(Q)set -e; $(INSTALL_COMMANDS)

# What install would install, made anew in a directory of its own, says which files are to be removed.
uninstall: staged := $(abspath $(O)/staged)
uninstall:
	$(Q)rm -rf $(staged) && $(MAKE) --no-print-directory install DESTDIR=$(staged) && cd $(staged) && \
	  find . ! -type d | while read -r file; do rm -f "$(DESTDIR)/$$file" || exit; done && \
	  find . -depth -type d \( -name early_vm -o -name examples -o -name android \) | while read -r dir; do \
	    [ ! -d "$(DESTDIR)/$$dir" ] || rmdir --ignore-fail-on-non-empty "$(DESTDIR)/$$dir" || exit; \
	  done && rm -rf $(staged)

# Debian's packages of this tree, below build/deb.  They are built from a copy, as debhelper leaves files behind.
.PHONY: deb
DEB_TREE := build/deb/early-vm-$(VERSION)
deb: deps
	$(if $(filter $(ARCH),$(HOST_ARCH)),,$(error make deb builds for the machine that it runs on, $(HOST_ARCH)))
	$(Q)rm -rf build/deb && mkdir -p $(DEB_TREE) && tar -c --exclude=./build --exclude=./.git . | tar -x -C $(DEB_TREE)
	$(Q)cd $(DEB_TREE) && env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u ARCH -u BUILD_DIR DEB_BUILD_OPTIONS="$(or $(DEB_BUILD_OPTIONS),nocheck parallel=$(shell nproc))" \
	  dpkg-buildpackage --build=binary --no-sign >$(CURDIR)/build/deb/log 2>&1 || { tail -n 30 $(CURDIR)/build/deb/log; exit 1; }
	$(Q)rm -rf $(DEB_TREE) && lintian --fail-on error --tag-display-limit 0 build/deb/*.changes >build/deb/lintian 2>&1 || { cat build/deb/lintian; exit 1; }
	@ls build/deb/*.deb

clean:
	rm -rf build/deb build/obj build/pic build/lib build/bin build/gen build/bpf build/san build/tsan build/probed build/tests build/vmbase build/enforcement build/boot build/arm64 build/x86_64

distclean:
	rm -rf build

help:
	@printf '%s\n' \
	  'make              build everything for users, under build/bin' \
	  'make demo         install what is missing, boot a test machine, start an early VM and see unlisted programs refused' \
	  'make check        install what is missing, run every test; JUNIT=FILE writes the results for machines, too' \
  '                  KERNELS="6.1 newest /path/to/bzImage" for other kernels than $(KERNELS)' \
	  'make check-arm64-full  the long check: 16 KiB pages, protected KVM and more, on arm64; half an hour' \
	  'make check-unit   the unit tests alone (SAN=1: with AddressSanitizer and UBSan)' \
	  'make lint         the static analysers; accepted findings are in tests/lint/accepted' \
	  'make fuzz         each fuzzer for two minutes (FUZZ_SECONDS=120); make fuzz-NAME for one: $(FUZZERS)' \
	  'make bench        cost in guest instructions, sizes, memory; ARCH=arm64: the instructions of an arm64 machine' \
	  'make vmbase       the library for guests without an operating system, and example guests, under build/vmbase' \
	  'make mutants      changes one line at a time and lists what no test notices; takes hours (MUTANTS=120)' \
	  'make install      DESTDIR= PREFIX=/usr: programs, policy schemas, examples, units, man pages' \
	  'make deb          packages for Debian 12 and 13, under build/deb; make check-host boots Debian with them' \
	  'make uninstall    the same DESTDIR and PREFIX: removes what install has put there' \
	  'make clean        remove what was built; distclean also removes downloaded kernels' \
	  '' \
	  'ARCH=arm64 (or x86_64) builds for that architecture, with a cross compiler and libraries below build/sysroot.' \
	  'V=1 shows full commands.  ACCEL=kvm lets the test machine use KVM, KERNEL=/path/to/bzImage another kernel,' \
  'whose modules are in MODULES=/lib/modules/RELEASE (several: with colons between them).'
