# SPDX-License-Identifier: Apache-2.0
# vmbase, the library for guests without an operating system, and its example guests.
#
#   make vmbase         build/vmbase/TARGET/libvmbase.a and the examples, for every target
#   make check-vmbase   boots the examples in QEMU; check-vmbase-nested: under KVM, in a test machine
#   make bench-vmbase   instructions before main, sizes of images
#
# clang and lld serve both architectures, so no cross compiler is needed.  A guest is added by one line:
#   $(call vmbase_guest,NAME,C FILES)

VMBASE_LLD     ?= ld.lld
VMBASE_OBJCOPY ?= llvm-objcopy

# A target is an architecture, a board (where the serial ports and the RAM are), and two regions of 2 MiB or more.
# Regions can be changed: make vmbase vmbase_regions_x86_64='-DVMBASE_IMAGE_BASE=0x800000 ...'
VMBASE_TARGETS := aarch64 aarch64-virt x86_64

vmbase_arch_aarch64      := aarch64
vmbase_board_aarch64     := crosvm
vmbase_regions_aarch64   ?= -DVMBASE_RAM_BASE=0x80000000 -DVMBASE_IMAGE_BASE=0x80200000 -DVMBASE_IMAGE_SIZE=0x200000 \
                            -DVMBASE_DATA_BASE=0x80400000 -DVMBASE_DATA_SIZE=0x200000
vmbase_console_aarch64   := -DVMBASE_CONSOLE_BASE=0x3f8

vmbase_arch_aarch64-virt    := aarch64
vmbase_board_aarch64-virt   := virt
vmbase_regions_aarch64-virt ?= -DVMBASE_RAM_BASE=0x40000000 -DVMBASE_IMAGE_BASE=0x40200000 -DVMBASE_IMAGE_SIZE=0x200000 \
                               -DVMBASE_DATA_BASE=0x40400000 -DVMBASE_DATA_SIZE=0x200000
vmbase_console_aarch64-virt := -DVMBASE_CONSOLE_BASE=0x09000000

vmbase_arch_x86_64    := x86_64
vmbase_regions_x86_64 ?= -DVMBASE_IMAGE_BASE=0x200000 -DVMBASE_IMAGE_SIZE=0x200000 \
                         -DVMBASE_DATA_BASE=0x400000 -DVMBASE_DATA_SIZE=0x200000

# No floating point registers: exception handlers do not save them, and guests may use them as they like.
vmbase_flags_aarch64 := --target=aarch64-none-elf -mgeneral-regs-only -mstrict-align
vmbase_flags_x86_64  := --target=x86_64-none-elf -mno-red-zone -mno-mmx -mno-sse -mno-80387 -mstack-protector-guard=global

VMBASE_CFLAGS := -std=gnu17 -Oz -g -fomit-frame-pointer -ffreestanding -nostdlib -fno-pic -fno-pie -fstack-protector-strong -ffunction-sections \
                 -fdata-sections -fno-asynchronous-unwind-tables -fno-common $(WARNINGS) -Wno-main

vmbase_out = build/vmbase/$(1)
vmbase_flags = $(vmbase_flags_$(vmbase_arch_$(1))) $(vmbase_regions_$(1)) $(vmbase_console_$(1)) $(VMBASE_CFLAGS) \
               -Iinclude -Ivmbase/include -Ivmbase/machine -Ivmbase/$(vmbase_arch_$(1))

# What one target is made of: the pure part, the part for any machine, the architecture's with one board.
vmbase_sources = $(wildcard vmbase/core/*.c vmbase/machine/*.c vmbase/$(vmbase_arch_$(1))/*.S) \
                 $(filter-out $(filter-out %/board_$(vmbase_board_$(1)).c,$(wildcard vmbase/*/board_*.c)),$(wildcard vmbase/$(vmbase_arch_$(1))/*.c))
vmbase_objects = $(addprefix $(call vmbase_out,$(1))/obj/,$(addsuffix .o,$(basename $(2))))

# $(call vmbase_target,TARGET): the rules for its objects, the library, and the linker script.
define vmbase_target
# Changes only when the flags do, and everything with them: regions are given on the command line.
$(call vmbase_out,$(1))/flags: vmbase_always
	@mkdir -p $$(@D)
	@echo '$(call vmbase_flags,$(1))' | cmp -s - $$@ || echo '$(call vmbase_flags,$(1))' >$$@
$(call vmbase_out,$(1))/obj/%.o: %.c $(call vmbase_out,$(1))/flags
	@mkdir -p $$(@D)
	$$(call say,CLANG,$(1):$$<)$$(CLANG) $(call vmbase_flags,$(1)) $$(vmbase_object_flags) $$(if $$(filter %/core/string.c,$$<),-fno-builtin) -MMD -MP -c -o $$@ $$<
$(call vmbase_out,$(1))/obj/%.o: %.S $(call vmbase_out,$(1))/flags
	@mkdir -p $$(@D)
	$$(call say,CLANG,$(1):$$<)$$(CLANG) $(call vmbase_flags,$(1)) -Wno-unused-command-line-argument -MMD -MP -c -o $$@ $$<
$(call vmbase_out,$(1))/libvmbase.a: $(call vmbase_objects,$(1),$(call vmbase_sources,$(1)))
	$$(call say,AR,$$@)rm -f $$@ && $$(AR) rcs $$@ $$^
$(call vmbase_out,$(1))/image.ld: vmbase/image.ld.S $(call vmbase_out,$(1))/flags
	@mkdir -p $$(@D)
	$$(call say,CPP,$$@)$$(CLANG) $(call vmbase_flags,$(1)) -E -P -x c $$< -o $$@
vmbase: $(call vmbase_out,$(1))/libvmbase.a
endef
$(foreach target,$(VMBASE_TARGETS),$(eval $(call vmbase_target,$(target))))

# $(call vmbase_guest,NAME,C FILES): NAME.elf for every target; NAME.bin too, the raw image, for aarch64.
define vmbase_guest_for
$(call vmbase_out,$(1))/$(2).elf: $(call vmbase_out,$(1))/image.ld $(call vmbase_objects,$(1),$(3)) $(call vmbase_out,$(1))/libvmbase.a
	$$(call say,LD,$$@)$$(VMBASE_LLD) -static -n --gc-sections --orphan-handling=error -z noexecstack \
	  -u vmbase_entry -T $$(filter %.ld,$$^) -o $$@ $$(filter %.o,$$^) $$(filter %.a,$$^)
$(call vmbase_out,$(1))/$(2).bin: $(call vmbase_out,$(1))/$(2).elf
	$$(call say,OBJCOPY,$$@)$$(VMBASE_OBJCOPY) -O binary $$< $$@
vmbase: $(call vmbase_out,$(1))/$(2).elf $(if $(filter aarch64,$(vmbase_arch_$(1))),$(call vmbase_out,$(1))/$(2).bin)
endef
vmbase_guest = $(foreach target,$(VMBASE_TARGETS),$(eval $(call vmbase_guest_for,$(target),$(1),$(2))))

.PHONY: vmbase check-vmbase vmbase_always
$(foreach example,hello fault vsock panic hang disk,$(call vmbase_guest,$(example),vmbase/examples/$(example).c))
$(call vmbase_guest,selftest,vmbase/tests/selftest.c vmbase/tests/android.c)
# As Android's compiler makes objects.
$(foreach target,$(VMBASE_TARGETS),$(eval $(call vmbase_out,$(target))/obj/vmbase/tests/android.o: vmbase_object_flags := \
  --target=$(vmbase_arch_$(target))-linux-android -g0 -fstack-protector-all $(if $(filter x86_64,$(vmbase_arch_$(target))),-mstack-protector-guard=tls)))
$(call vmbase_guest,exceptions,vmbase/tests/exceptions.c)

# What builds guests elsewhere: the headers, and for each target the library, the linker script and the compiler's options
# (clang @cflags).  A directory of its own, as the headers are no part of this machine's C library.
VMBASE_DIR ?= $(LIBDIR)/vmbase
vmbase_dir := $(DESTDIR)$(VMBASE_DIR)
.PHONY: install-vmbase
install-vmbase: vmbase
	$(Q)set -e; install -d $(vmbase_dir)/include/vmbase $(vmbase_dir)/include/early_vm; \
	install -m 0644 vmbase/include/vmbase/*.h $(vmbase_dir)/include/vmbase/; \
	install -m 0644 include/early_vm/guest_protocol.h $(vmbase_dir)/include/early_vm/; \
	$(foreach target,$(VMBASE_TARGETS),install -d $(vmbase_dir)/$(target); \
	install -m 0644 $(call vmbase_out,$(target))/libvmbase.a $(call vmbase_out,$(target))/image.ld $(vmbase_dir)/$(target)/; \
	echo '$(filter-out -W% -I% -g,$(call vmbase_flags,$(target))) -I$(VMBASE_DIR)/include' >$(vmbase_dir)/$(target)/cflags; \
	chmod 0644 $(vmbase_dir)/$(target)/cflags;)

-include $(foreach target,$(VMBASE_TARGETS),$(shell find $(call vmbase_out,$(target)) -name '*.d' 2>/dev/null))

# The pure part again, for this machine: with the unit tests and their sanitizers.
$(O)/obj/vmbase/%.o $(O)/obj/tests/unit/test_vmbase_%.o $(O)/obj/tests/unit/vmbase_%.o: OBJ_CFLAGS += -Ivmbase/include
$(O)/lib/libvmbase_core.a: $(filter-out %/string.o,$(call objects,vmbase/core))
UNIT_LIBS += $(O)/lib/libvmbase_core.a

# A starter for the 64-bit way into x86_64 guests, which QEMU has not.
vmbase_starter := build/vmbase/x86_64/zero_page.elf
$(vmbase_starter): build/vmbase/x86_64/obj/vmbase/tests/zero_page.o
	$(call say,LD,$@)$(VMBASE_LLD) -static -Ttext=0x1000000 -e start -o $@ $<

# A starter at EL2 for aarch64 guests that get a virtual SError.
vmbase_serror := build/vmbase/aarch64-virt/pending_serror.bin
$(vmbase_serror): build/vmbase/aarch64-virt/obj/vmbase/tests/pending_serror.o
	$(call say,OBJCOPY,$@)$(VMBASE_OBJCOPY) -O binary $< $@

check-vmbase: vmbase $(vmbase_starter) $(vmbase_serror)
	@vmbase/tests/check.sh

.PHONY: bench-vmbase
bench-vmbase: vmbase $(vmbase_starter) vm-root
	@vmbase/tests/bench.sh
bench: bench-vmbase

# In a test machine, with real KVM and vhost-vsock: the guests as each VMM of this architecture takes them, under the same
# names, and the program that connects to them.
vmbase_guests_nested := disk fault hang hello panic selftest vsock
vmbase_images_x86_64_crosvm := build/vmbase/x86_64/%.elf
vmbase_images_x86_64_qemu   := build/vmbase/x86_64/%.elf
vmbase_images_arm64_crosvm  := build/vmbase/aarch64/%.bin
vmbase_images_arm64_qemu    := build/vmbase/aarch64-virt/%.bin
vmbase_nested := $(foreach vmm,crosvm qemu,$(vmbase_guests_nested:%=$(O)/tests/vmbase/$(vmm)/%))
TEST_PARTS += $(vmbase_nested) $(O)/tests/vmbase/guest_peer $(O)/tests/vmbase/check-nested
define vmbase_images_of
$(O)/tests/vmbase/$(1)/%: $(vmbase_images_$(ARCH)_$(1))
	@mkdir -p $$(@D)
	$$(Q)if [ $$(suffix $$<) = .elf ]; then $$(VMBASE_OBJCOPY) --strip-all $$< $$@; else install -m 0755 $$< $$@; fi
endef
$(foreach vmm,crosvm qemu,$(eval $(call vmbase_images_of,$(vmm))))
$(O)/tests/vmbase/guest_peer: $(O)/obj/vmbase/tests/guest_peer.o $(O)/lib/libcommon.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(LINK_STATIC) $(LDFLAGS_ALL) -o $@ $^
$(O)/tests/vmbase/check-nested: vmbase/tests/check-nested
	@mkdir -p $(@D)
	$(Q)cp $< $@

.PHONY: check-vmbase-nested
check-vmbase-nested: vm-root
	@vmbase/tests/check-nested.sh $(VM_KERNELS)

CHECK_PARTS += vmbase $(vmbase_starter)
CHECKS += check-vmbase check-vmbase-nested
