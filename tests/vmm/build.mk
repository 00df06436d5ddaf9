# SPDX-License-Identifier: Apache-2.0
# The tiny VMM and its guests.  Nothing of it is installed.

VMM_ARCH := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine)))

# Tests name their headers from here: "vmm/options.h".
$(O)/obj/tests/%.o: OBJ_CFLAGS += -Itests

# Without a folder for this architecture there is no VMM, but what is portable still has unit tests.
$(O)/lib/libvmm.a: $(patsubst %.c,$(O)/obj/%.o,$(filter-out %/main.c,$(wildcard tests/vmm/*.c tests/vmm/$(VMM_ARCH)/*.c)))
UNIT_LIBS += $(O)/lib/libvmm.a

ifneq ($(wildcard tests/vmm/$(VMM_ARCH)),)
TEST_PARTS += $(O)/tests/crosvm $(O)/tests/vmm/check-inside
endif

# It also runs in test machines that have no libraries: static.
$(O)/tests/crosvm: $(O)/obj/tests/vmm/main.o $(O)/lib/libvmm.a $(O)/lib/libimage.a $(O)/lib/libcommon.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(LINK_STATIC) $(LDFLAGS_ALL) -o $@ $^ -lfdt -pthread

$(O)/tests/vmm/check-inside: tests/vmm/check-inside
	@mkdir -p $(@D)
	$(Q)cp $< $@

include tests/vmm/payload/build.mk

.PHONY: check-vmm
check-vmm: vm-root
	@tests/vmm/check $(VM_KERNELS)

ifneq ($(wildcard tests/vmm/$(VMM_ARCH)),)
CHECKS += check-vmm
endif
