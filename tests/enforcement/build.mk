# SPDX-License-Identifier: Apache-2.0
# Probes of the kernel's policy.  They need a kernel: tests/enforcement/check boots one and runs the prober inside.

ENF       := $(O)/enforcement
ENF_BIN   := $(ENF)/root/enf
ENF_FLAGS  = $(ALL_CFLAGS) -Wno-missing-prototypes

# Every part is played by a copy of this program; each copy is a file of its own, so it is a client of its own.
ACTOR_OBJECTS := $(O)/obj/tests/enforcement/actor/main.o $(call objects,tests/enforcement/actor)
$(ENF)/actor: $(ACTOR_OBJECTS)
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) -static-pie $(LDFLAGS_ALL) -s -o $@ $^

# The same, dynamic, with a loader and a library at places that an attack can take.
ENF_LOADER = $(shell $(CC) -print-file-name=$(notdir $(shell readelf -l /bin/sh | sed -n 's/.*interpreter: \(.*\)]/\1/p')))
$(ENF)/actor-dynamic: $(ACTOR_OBJECTS) $(ENF)/libhelper.so
	$(call say,LINK,$@)$(CC) -pie $(LDFLAGS_ALL) -s -Wl,--dynamic-linker=/enf/lib/ld.so -Wl,-rpath,/enf/lib -o $@ \
	  $(ACTOR_OBJECTS) -Wl,--no-as-needed $(ENF)/libhelper.so

$(ENF)/libhelper.so:
	@mkdir -p $(@D)
	$(call say,LINK,$@)echo | $(CC) -shared -fPIC -Wl,-soname,libhelper.so -x c -o $@ -

$(ENF)/intruder.so: tests/enforcement/intruder.c tests/enforcement/outcome.h
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(ALL_CFLAGS) -shared -fPIC -Wl,-soname,libhelper.so -s -o $@ $<

$(ENF)/own_loader: tests/enforcement/own_loader.c tests/enforcement/outcome.h
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(ALL_CFLAGS) -Wno-missing-prototypes -fno-stack-protector -nostdlib -static-pie -s -o $@ $<
