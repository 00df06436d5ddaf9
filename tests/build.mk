# SPDX-License-Identifier: Apache-2.0
# The tests: unit tests on this machine, everything that needs a kernel in a test machine (tests/vm).

# make check KERNELS="..." takes any list of series, newest and paths of kernel images (whose modules are MODULES).
KERNELS    ?= $(or $(KERNEL),6.1 6.12 newest)
VM_KERNELS := $(KERNELS)

include $(wildcard tests/*/build.mk)

# The test machine's root holds everything that was built, so it comes after all of it.
vm-root: $(PROGRAMS) $(TEST_PARTS)

# All unit tests are one Criterion program.  It finds them in a section of its own, which the linker takes for unused.  Its libxml2 is
# the programs', of which parts are left out; the sanitizers' has them all.
UNIT_OBJECTS = $(call objects,tests/unit)
UNIT_ARCHIVES = $(addprefix $(O)/lib/lib,virtmgr.a image.a init.a client.a ctl.a demo.a) $(UNIT_LIBS) $(O)/lib/libcommon.a
UNIT_LDFLAGS  = -pie $(LDFLAGS_ALL) -Wl,--no-gc-sections
UNIT_LDLIBS   = $(XML_LIBS) -lcriterion $(MANAGER_LIBS) $(ELF_LIBS) $(JSON_LIBS)
$(O)/tests/unit-tests: $(UNIT_OBJECTS) $(UNIT_ARCHIVES) $(if $(SAN),,$(LEAN_LIBXML2))
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(UNIT_LDFLAGS) -o $@ $(filter-out $(LEAN_LIBXML2),$^) $(UNIT_LDLIBS)

# Lost memory is found when the process of a test ends, and then Criterion has its result already.
SAN_REPORTS    = $(abspath $(BUILD_DIR)/results/sanitizer)
SAN_TO_REPORTS = ASAN_OPTIONS=log_path=$(SAN_REPORTS) UBSAN_OPTIONS=log_path=$(SAN_REPORTS)
check-unit: $(O)/tests/unit-tests
	@mkdir -p $(BUILD_DIR)/results
	@$(if $(SAN),rm -f $(SAN_REPORTS).*; $(SAN_TO_REPORTS)) $(O)/tests/unit-tests --short-filename -j2 \
	  --tap=$(BUILD_DIR)/results/$(if $(SAN),check-san,check-unit).tap; status=$$?; \
	  $(if $(SAN),! grep . $(SAN_REPORTS).* 2>/dev/null || status=1;) exit $$status

# The same tests with the sanitizers.
.PHONY: check-san
check-san:
	@$(MAKE) --no-print-directory SAN=1 check-unit

CHECKS := check-unit check-san $(CHECKS)
# The longest first: what is left at the end is short, and no processor waits for the last one.
LONG_CHECKS := $(filter-out check-init-any,$(INIT_CHECKS)) check-arm64 check-init-any check-real-guests check-attacks check-enforcement check-vm \
               check-vmbase-nested check-vmm check-guest check-lint check-virtmgr-san check-ctl check-vmbase check-fuzz check-virtmgr \
               check-faults check-unit check-demo check-san

CHECK_PARTS += $(O)/tests/unit-tests
SAN_PARTS   += $(O)/tests/unit-tests
.PHONY: san-parts
check-parts: all vm-root $(CHECK_PARTS)
	@$(MAKE) --no-print-directory SAN=1 san-parts
san-parts: $(SAN_PARTS)
