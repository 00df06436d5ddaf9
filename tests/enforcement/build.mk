# SPDX-License-Identifier: Apache-2.0
# Probes of the kernel's policy.  They need a kernel: tests/enforcement/check boots one and runs the prober inside.

ENF       := $(O)/enforcement

# Every part is played by a copy of this program; each copy is a file of its own, so it is a client of its own.
ACTOR_OBJECTS := $(O)/obj/tests/enforcement/actor/main.o $(call objects,tests/enforcement/actor) \
                 $(call objects,tests/enforcement/attacks/steps)
$(ACTOR_OBJECTS): OBJ_CFLAGS += -Itests/enforcement
# Its length: see quota-on of attacks/steps/writes.c.
$(ENF)/actor: $(ACTOR_OBJECTS)
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) -static-pie $(LDFLAGS_ALL) -s -o $@ $^ && truncate -s %40 $@

# The same steps by 32-bit system calls: arm64 has them in 32-bit programs alone, x86_64 (int 0x80) in every program.
ifeq ($(ARCH),arm64)
ENF_CC_32      ?= arm-linux-gnueabihf-gcc
ENF_SOURCES_32 := $(addprefix tests/enforcement/actor/,main.c device.c process.c vhost.c) tests/enforcement/actor_32/tables.c
# The linker takes pages for 4 KiB, but a kernel of arm64 may have up to 64.
ENF_ALIGNED_32 := -Wl,-z,max-page-size=65536,-z,common-page-size=65536
$(ENF)/actor_32: $(ENF_SOURCES_32) $(wildcard tests/enforcement/actor/*.h)
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(ENF_CC_32) $(ALL_CFLAGS) -Itests/enforcement -static $(LDFLAGS_ALL) $(ENF_ALIGNED_32) -s -o $@ $(filter %.c,$^)
else
$(ENF)/actor_32: $(ENF)/actor
	$(Q)cp $< $@
endif

# The same, dynamic, with a loader and a library at places that an attack can take.
loader_x86_64 := ld-linux-x86-64.so.2
loader_arm64  := ld-linux-aarch64.so.1
ENF_LOADER = $(shell $(CC) -print-file-name=$(loader_$(ARCH)))
$(ENF)/actor-dynamic: $(ACTOR_OBJECTS) $(ENF)/libhelper.so
	$(call say,LINK,$@)$(CC) -pie $(LDFLAGS_ALL) -s -Wl,--dynamic-linker=/enf/lib/ld.so -Wl,-rpath,/enf/lib -o $@ \
	  $(ACTOR_OBJECTS) -Wl,--no-as-needed $(ENF)/libhelper.so

$(ENF)/libhelper.so:
	@mkdir -p $(@D)
	$(call say,LINK,$@)echo | $(CC) -shared -fPIC -Wl,-soname,libhelper.so -x c -o $@ -

ENF_INTRUDER = $(filter-out -fstack-protector-strong,$(ALL_CFLAGS)) -nostdlib -s
$(ENF)/intruder.so: tests/enforcement/intruder.c tests/enforcement/intrude.h tests/enforcement/outcome.h
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(ENF_INTRUDER) -shared -fPIC -Wl,-soname,libhelper.so -o $@ $<

$(ENF)/own_loader: tests/enforcement/own_loader.c tests/enforcement/intrude.h tests/enforcement/outcome.h
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(ENF_INTRUDER) -static-pie -o $@ $<

$(ENF)/prober: $(O)/obj/tests/enforcement/prober/main.o $(call objects,tests/enforcement/prober) $(O)/lib/libcommon.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) -static-pie $(LDFLAGS_ALL) -s -o $@ $^

# The attacks on the sealed policy: the same actor, and the prober's way to judge.
$(ENF)/attacks: OBJ_CFLAGS += -Itests/enforcement
$(ENF)/attacks: $(O)/obj/tests/enforcement/attacks/runner/main.o $(call objects,tests/enforcement/attacks/runner) \
                $(call objects,tests/enforcement/prober) $(O)/lib/libcommon.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) -static-pie $(LDFLAGS_ALL) -s -o $@ $^

# The files that are laid over the test machine's root.
ENF_STATIC  := enf/actor enf/unlisted usr/bin/manager usr/bin/vmm usr/bin/kvm_user system_ext/bin/client_ext \
               $(addprefix system/bin/client,_a _b _nnp _replaced _updated _changed _chmod _grown _linked _victim .avm .avmc)
ENF_PARTS_32 := enf/unlisted_32 system/bin/client_32
ENF_DYNAMIC := system/bin/client_dynamic usr/bin/vmm_dynamic
ENF_FILES   := $(shell find tests/enforcement/root -type f)
ENF_ROOT    := $(ENF)/root
$(ENF)/stamp: $(ENF)/attacks $(ENF)/actor $(ENF)/actor-dynamic $(ENF)/actor_32 $(ENF)/prober $(ENF)/intruder.so $(ENF)/own_loader $(ENF_FILES) tests/enforcement/build.mk
	$(call say,ROOT,$(ENF_ROOT))rm -rf $(ENF_ROOT) && cp -r tests/enforcement/root $(ENF_ROOT) && \
	  mkdir -p $(ENF_ROOT)/enf/lib $(ENF_ROOT)/enf/intruder $(dir $(addprefix $(ENF_ROOT)/,$(ENF_STATIC) $(ENF_PARTS_32) $(ENF_DYNAMIC))) && \
	  for part in $(ENF_STATIC); do cp $(ENF)/actor $(ENF_ROOT)/$$part || exit; done && \
	  for part in $(ENF_PARTS_32); do cp $(ENF)/actor_32 $(ENF_ROOT)/$$part || exit; done && \
	  for part in $(ENF_DYNAMIC); do cp $(ENF)/actor-dynamic $(ENF_ROOT)/$$part || exit; done && \
	  cp $(ENF)/attacks $(ENF)/prober $(ENF)/intruder.so $(ENF)/own_loader $(ENF_ROOT)/enf/ && \
	  cp $(ENF)/intruder.so $(ENF_ROOT)/enf/intruder/libhelper.so && cp $(ENF)/libhelper.so $(ENF_ROOT)/enf/lib/ && \
	  cp -L $(ENF_LOADER) $(ENF_ROOT)/enf/lib/ld.so && \
	  chmod -R u=rwX,go=rX $(ENF_ROOT) && touch $@

# Rows of a table leave out what they don't need.
$(O)/obj/tests/enforcement/prober/promises_%.o: OBJ_CFLAGS += -Wno-missing-field-initializers
$(O)/obj/tests/enforcement/attacks/runner/table_%.o: OBJ_CFLAGS += -Wno-missing-field-initializers

.PHONY: check-enforcement
check-enforcement: vm-root $(ENF)/stamp $(O)/bin/early_vm_init
	@tests/enforcement/check $(VM_KERNELS)

# The table in the threat model is what the attacks' own tables say.
.PHONY: check-attacks
check-attacks: vm-root $(ENF)/stamp $(O)/bin/early_vm_init
	@tests/enforcement/attacks/check $(VM_KERNELS)

CHECK_PARTS += $(ENF)/stamp
CHECKS += check-enforcement check-attacks
