# SPDX-License-Identifier: Apache-2.0
# User space: one library for each folder, one program for each main.c.
#
#   common <- init, virtmgr, libavf, ctl, demo        (an arrow is "is used by"; nothing points back)
#   common <- image <- virtmgr                        disk and signature formats
#   common <- rpcbinder <- virtmgr                    Android's RPC binder, and the AIDL of its virtualization service

XML_CFLAGS := $(shell $(PKG_CONFIG) --cflags libxml-2.0 2>/dev/null)
CPPFLAGS   += $(XML_CFLAGS)

$(O)/obj/userspace/common/version.o: OBJ_CFLAGS += -DEARLY_VM_VERSION='"$(VERSION)"'
$(O)/obj/userspace/common/version.o: Makefile

# Where `make install' puts programs is a default path of theirs.  The file changes when PREFIX does.  Several makes may be
# here at once, so each has a temporary file of its own.
.PHONY: prefix-check
prefix-check:
$(O)/gen/prefix.h: prefix-check
	@mkdir -p $(@D) && new=$@.$$$$ && printf '#define EARLY_VM_PREFIX "%s"\n' '$(PREFIX)' >$$new && \
	  if cmp -s $$new $@; then rm $$new; else mv $$new $@; fi
$(addprefix $(O)/obj/userspace/,common/platform_policy.o libavf/manager_path.o) $(O)/pic/userspace/libavf/manager_path.o: $(O)/gen/prefix.h

$(O)/lib/libcommon.a:  $(call objects,userspace/common)
$(O)/lib/libimage.a:   $(call objects,userspace/image)
$(O)/lib/libvirtmgr.a: $(call objects,userspace/virtmgr)
$(O)/lib/librpcbinder.a: $(call objects,userspace/rpcbinder)
$(O)/lib/libinit.a:    $(call objects,userspace/init)
$(O)/lib/libclient.a:  $(call objects,userspace/libavf)
$(O)/lib/libctl.a:     $(call objects,userspace/ctl)
$(O)/lib/libdemo.a:    $(call objects,userspace/demo)

# Most of a static libxml2 (network, XPath, schemas, ICU's tables) is never used by the reader, which takes plain UTF-8
# documents alone.  Definitions that say no keep it out of programs for early boot: 1.5 MB instead of 30.
OBJCOPY    ?= $(shell $(CC) -print-prog-name=objcopy)
LIBXML2_A  := $(shell $(CC) -print-file-name=libxml2.a)
$(O)/gen/lean_libxml2.c: $(addprefix userspace/common/lean_libxml2.,sh list) $(wildcard $(LIBXML2_A))
	@mkdir -p $(@D)
	$(call say,GEN,$@)userspace/common/lean_libxml2.sh $(LIBXML2_A) >$@.new && mv $@.new $@
$(O)/gen/lean_libxml2.o: $(O)/gen/lean_libxml2.c
	$(call say,CC,$<)$(CC) $(filter-out -Wmissing-prototypes,$(ALL_CFLAGS)) -c -o $@ $<

# libxml2 alone calls what replaces functions of other libraries.
$(O)/gen/lean_libxml2.a: $(O)/gen/lean_libxml2.c
	$(call say,GEN,$@)sed -n 's/^void \*lean_libxml2_\([A-Za-z0-9_]*\)(.*/\1 lean_libxml2_\1/p' $< >$@.names && \
	  $(OBJCOPY) --redefine-syms=$@.names $(LIBXML2_A) $@.new && mv $@.new $@

# In this order: what is defined already is not looked for in the archive.
LEAN_LIBXML2 := $(O)/gen/lean_libxml2.o $(O)/gen/lean_libxml2.a
XML_STATIC  := $(LEAN_LIBXML2)
XML_DYNAMIC := -lxml2 -lz
# CRC-32 of partition tables, SHA-256 of idsig files.
IMAGE_LIBS  := -lnettle -lz
# VM and payload configurations in JSON.  Static: a client of early boot needs no library but libc.
JSON_LIBS   := -l:libjansson.a
# Device trees.  Static, as well in the unit tests, which have vmbase too: its reader has names of its own (vmbase/fdt.h).
MANAGER_LIBS := $(IMAGE_LIBS) -l:libfdt.a $(JSON_LIBS)
# What executables are linked with.  Of libelf nothing that decompresses sections is used.
ELF_LIBS    := -l:libelf.a
XML_LIBS    = $(if $(SAN),$(XML_DYNAMIC),$(XML_STATIC))

# $(call program,NAME,FOLDER,LIBRARIES,HOW): HOW is static or dynamic.
define program
PROGRAMS += $(O)/bin/$(1)
$(O)/bin/$(1): $(O)/obj/userspace/$(2)/main.o $(3) $(if $(filter static,$(4)),$(if $(SAN),,$(LEAN_LIBXML2)))
	@mkdir -p $$(@D)
	$$(call say,LINK,$$@)$$(CC) $(if $(filter static,$(4)),$$(LINK_STATIC),-pie) $$(LDFLAGS_ALL) -o $$@ \
	  $$(filter-out $(LEAN_LIBXML2),$$(filter %.o %.a,$$^)) $(if $(filter static,$(4)),$(if $(filter %/libvirtmgr.a,$(3)),$(MANAGER_LIBS)) $$(XML_LIBS)) $(if $(filter init ctl,$(2)),$$(ELF_LIBS)) $(if $(filter ctl,$(2)),-lz) $(if $(filter demo,$(2)),$(JSON_LIBS))
endef

$(eval $(call program,early_virtmgr,virtmgr,$(O)/lib/libvirtmgr.a $(O)/lib/libimage.a $(O)/lib/librpcbinder.a $(O)/lib/libcommon.a,static))
$(eval $(call program,early_vm_init,init,$(O)/lib/libinit.a $(O)/lib/libcommon.a,static))
$(eval $(call program,vm_demo_native_early,demo,$(O)/lib/libdemo.a $(O)/lib/libclient.a $(O)/lib/libcommon.a,dynamic))
$(eval $(call program,early_vmctl,ctl,$(O)/lib/libctl.a $(O)/lib/libcommon.a,static))

# libavf, for clients of others: its objects are position independent, and no names are visible but the interface's.
AVF        := $(O)/lib/libavf
AVF_MAP    := userspace/libavf/libavf.map
AVF_PARTS  := $(patsubst %.c,$(O)/pic/%.o,$(sort $(wildcard userspace/libavf/*.c)) \
                $(addprefix userspace/common/,death_reason.c message_fds.c protocol.c spawn.c transport.c utf8.c vm_unhold.c))
LIBDIR     ?= $(PREFIX)/lib
PROGRAMS   += $(AVF).so $(AVF).a $(AVF).pc

$(O)/pic/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(filter-out -fPIE,$(ALL_CFLAGS)) -fPIC -MMD -MP -c -o $@ $<
-include $(AVF_PARTS:.o=.d)

$(AVF).so.1: $(AVF_PARTS) $(AVF_MAP)
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) -shared $(LDFLAGS_ALL) $(if $(SAN),,-Wl$(comma)-z$(comma)defs) -Wl,-soname,$(@F) \
	  -Wl,--version-script=$(AVF_MAP) -o $@ $(AVF_PARTS)

$(AVF).so: $(AVF).so.1
	$(Q)ln -sf $(<F) $@

$(AVF).a: $(AVF_PARTS) $(AVF_MAP)
	$(call say,AR,$@)mkdir -p $(@D) && $(CC) -r -nostdlib -o $(O)/pic/libavf.o $(AVF_PARTS) && \
	  sed -n 's/^\t\t\([^*].*\);/\1/p' $(AVF_MAP) >$(O)/pic/interface && \
	  $(OBJCOPY) --keep-global-symbols=$(O)/pic/interface $(O)/pic/libavf.o && \
	  rm -f $@ && $(AR) rcs $@ $(O)/pic/libavf.o

# Written anew each time: it depends on variables, and not on files alone.
.PHONY: $(AVF).pc
$(AVF).pc: userspace/libavf/libavf.pc.in
	$(Q)mkdir -p $(@D) && sed 's|@VERSION@|$(VERSION)|; s|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIBDIR)|' $< >$@

PUBLIC_HEADERS := include/android/virtualization.h $(addprefix include/early_vm/,client.h death_reason.h guest_protocol.h types.h)

# What goes where on a user's machine.
lib     := $(DESTDIR)$(LIBDIR)
headers := $(DESTDIR)$(PREFIX)/include
sbin := $(DESTDIR)$(PREFIX)/sbin
bin  := $(DESTDIR)$(PREFIX)/bin
data := $(DESTDIR)$(PREFIX)/share/early_vm
man  := $(DESTDIR)$(PREFIX)/share/man
completions := $(DESTDIR)$(PREFIX)/share/bash-completion/completions
# Where systemd looks for the units of packages, and where the scripts of ours are that no person starts.
UNITDIR ?= $(PREFIX)/lib/systemd/system
units   := $(DESTDIR)$(UNITDIR)
scripts := $(DESTDIR)$(PREFIX)/lib/early_vm
# Debian's packages are stripped by debhelper, which keeps the debug information.
INSTALL_STRIPPED = $(if $(filter nostrip,$(DEB_BUILD_OPTIONS)),,-s $(INSTALL_STRIP))
# What names a path of its own prefix gets the one that is installed.
INSTALL_PREFIX = sed 's,/usr\(/s\?bin/early_\|/bin/vm_demo_\|/lib/early_vm\|/share/early_vm\),$(PREFIX)\1,g; s|^\(RequiresMountsFor=.*\) /usr$$|\1 $(PREFIX)|'
define INSTALL_COMMANDS
install -d $(sbin) $(bin) $(completions) $(units) $(scripts) $(data)/examples $(lib)/pkgconfig $(headers)/android $(headers)/early_vm; \
for header in $(PUBLIC_HEADERS); do install -m 0644 $$header $(headers)/$${header#include/} || exit 1; done; \
install $(INSTALL_STRIPPED) -m 0755 $(AVF).so.1 $(lib)/; \
ln -sf libavf.so.1 $(lib)/libavf.so; \
install -m 0644 $(AVF).a $(lib)/; \
install -m 0644 $(AVF).pc $(lib)/pkgconfig/; \
install $(INSTALL_STRIPPED) -m 0755 $(O)/bin/early_vm_init $(O)/bin/early_vmctl $(sbin)/; \
install $(INSTALL_STRIPPED) -m 0755 $(O)/bin/early_virtmgr $(O)/bin/vm_demo_native_early $(bin)/; \
install -m 0644 policy/*.xsd $(data)/; \
install -m 0644 policy/completions/* $(completions)/; \
for file in $(wildcard policy/*.xml policy/examples/*.xml policy/examples/*.service policy/*.rc); do \
  $(INSTALL_PREFIX) $$file >$(data)/examples/$${file##*/} && chmod 0644 $(data)/examples/$${file##*/} || exit 1; done; \
for script in guarded_job $(notdir $(wildcard policy/examples/initramfs-tools.* policy/examples/dracut.*)); do \
  $(INSTALL_PREFIX) policy/examples/$$script >$(data)/examples/$$script && chmod 0755 $(data)/examples/$$script || exit 1; done; \
for file in $(wildcard policy/*.service); do \
  $(INSTALL_PREFIX) $$file >$(units)/$${file##*/} && chmod 0644 $(units)/$${file##*/} || exit 1; done; \
$(INSTALL_PREFIX) policy/host/early_vm_boot >$(sbin)/early_vm_boot && chmod 0755 $(sbin)/early_vm_boot; \
$(INSTALL_PREFIX) policy/host/package_check >$(scripts)/package_check && chmod 0755 $(scripts)/package_check; \
for section in 1 3 5 7 8; do install -d $(man)/man$$section && install -m 0644 docs/man/*.$$section $(man)/man$$section/ || exit 1; done
endef
