# SPDX-License-Identifier: Apache-2.0
# Guests of a few instructions (x86_64).  -m32 needs no 32-bit libraries, as nothing is linked but the guest itself.

PAYLOADS := $(patsubst tests/vmm/payload/%.S,%,$(filter-out %/start.S %/bios.S,$(wildcard tests/vmm/payload/*.S)))
PAYLOAD_FILES := $(PAYLOADS:%=$(O)/tests/payload/%.elf) $(O)/tests/payload/hello64.elf $(O)/tests/payload/vsock.elf \
                 $(O)/tests/payload/bios.rom

ifeq ($(VMM_ARCH),x86_64)
TEST_PARTS += $(PAYLOAD_FILES)
endif

PAYLOAD_CFLAGS := -std=gnu17 -O2 $(WARNINGS) -Itests -idirafter /usr/include/$(shell $(CC) -dumpmachine) \
                  -ffreestanding -fno-pic -fno-pie -fno-stack-protector -fcf-protection=none -fno-asynchronous-unwind-tables -mno-sse -mno-mmx
PAYLOAD_LINK   := -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,noexecstack -Wl,--no-warn-rwx-segments -Wl,-T,tests/vmm/payload/payload.ld
PAYLOAD_HEADERS := $(addprefix tests/vmm/,payload/payload.h payload/payload.ld x86_64/layout_ports.h)

$(O)/tests/payload/%.elf: tests/vmm/payload/%.S $(PAYLOAD_HEADERS)
	@mkdir -p $(@D)
	$(call say,GUEST,$@)$(CC) -m32 $(PAYLOAD_CFLAGS) $(PAYLOAD_LINK) -o $@ $<

$(O)/tests/payload/%64.elf: tests/vmm/payload/%.S $(PAYLOAD_HEADERS)
	@mkdir -p $(@D)
	$(call say,GUEST,$@)$(CC) -m64 $(PAYLOAD_CFLAGS) $(PAYLOAD_LINK) -o $@ $<

$(O)/tests/payload/vsock.elf: tests/vmm/payload/start.S tests/vmm/payload/vsock.c $(PAYLOAD_HEADERS)
	@mkdir -p $(@D)
	$(call say,GUEST,$@)$(CC) -m32 $(PAYLOAD_CFLAGS) $(PAYLOAD_LINK) -o $@ $(filter %.S %.c,$^)

$(O)/tests/payload/bios.rom: tests/vmm/payload/bios.S $(PAYLOAD_HEADERS)
	@mkdir -p $(@D)
	$(call say,GUEST,$@)$(CC) -m32 $(PAYLOAD_CFLAGS) -nostdlib -Wl,--oformat=binary -Wl,-Ttext=0,-e,0 -Wl,--build-id=none -no-pie -o $@ $<
