# SPDX-License-Identifier: Apache-2.0
# User space: one library for each folder, one program for each main.c.
#
#   common <- init, virtmgr, libavf, ctl, demo        (an arrow is "is used by"; nothing points back)

XML_CFLAGS := $(shell pkg-config --cflags libxml-2.0 2>/dev/null)
CPPFLAGS   += $(XML_CFLAGS)

$(O)/lib/libcommon.a:  $(call objects,userspace/common)
$(O)/lib/libvirtmgr.a: $(call objects,userspace/virtmgr)
$(O)/lib/libinit.a:    $(call objects,userspace/init)
$(O)/lib/libclient.a:  $(call objects,userspace/libavf)
$(O)/lib/libctl.a:     $(call objects,userspace/ctl)
$(O)/lib/libdemo.a:    $(call objects,userspace/demo)

# Most of a static libxml2 (network, XPath, schemas, ICU's tables) is never used by the reader, which takes plain UTF-8
# documents alone.  Definitions that say no keep it out of programs for early boot: 1.5 MB instead of 30.
LIBXML2_A  := $(shell $(CC) -print-file-name=libxml2.a)
$(O)/gen/lean_libxml2.c: userspace/common/lean_libxml2.sh
	@mkdir -p $(@D)
	$(call say,GEN,$@)userspace/common/lean_libxml2.sh $(LIBXML2_A) >$@
$(O)/gen/lean_libxml2.o: $(O)/gen/lean_libxml2.c
	$(call say,CC,$<)$(CC) $(filter-out -Wmissing-prototypes,$(ALL_CFLAGS)) -c -o $@ $<

# In this order: what is defined already is not looked for in the archive.
XML_STATIC  := $(O)/gen/lean_libxml2.o $(LIBXML2_A) -lz -lm
XML_DYNAMIC := -lxml2
XML_LIBS    = $(if $(SAN),$(XML_DYNAMIC),$(XML_STATIC))

# $(call program,NAME,FOLDER,LIBRARIES,HOW): HOW is static or dynamic.
define program
PROGRAMS += $(O)/bin/$(1)
$(O)/bin/$(1): $(O)/obj/userspace/$(2)/main.o $(3) $(if $(filter static,$(4)),$(if $(SAN),,$(O)/gen/lean_libxml2.o))
	@mkdir -p $$(@D)
	$$(call say,LINK,$$@)$$(CC) $(if $(filter static,$(4)),$$(LINK_STATIC),-pie) $$(LDFLAGS_ALL) -o $$@ \
	  $$(filter %.o,$$(filter-out %/lean_libxml2.o,$$^)) $$(filter %.a,$$^) $(if $(filter static,$(4)),$$(XML_LIBS))
endef

$(eval $(call program,early_virtmgr,virtmgr,$(O)/lib/libvirtmgr.a $(O)/lib/libcommon.a,static))
$(eval $(call program,early_vm_init,init,$(O)/lib/libinit.a $(O)/lib/libcommon.a,static))
$(eval $(call program,vm_demo_native_early,demo,$(O)/lib/libdemo.a $(O)/lib/libclient.a $(O)/lib/libcommon.a,dynamic))
$(eval $(call program,early_vmctl,ctl,$(O)/lib/libctl.a $(O)/lib/libcommon.a,static))

# What goes where on a user's machine.
sbin := $(DESTDIR)$(PREFIX)/sbin
bin  := $(DESTDIR)$(PREFIX)/bin
data := $(DESTDIR)$(PREFIX)/share/early_vm
man  := $(DESTDIR)$(PREFIX)/share/man
define INSTALL_COMMANDS
install -d $(sbin) $(bin) $(data)/examples; \
install -s -m 0755 $(O)/bin/early_vm_init $(O)/bin/early_vmctl $(sbin)/; \
install -s -m 0755 $(O)/bin/early_virtmgr $(O)/bin/vm_demo_native_early $(bin)/; \
install -m 0644 policy/*.xsd $(data)/; \
install -m 0644 $(wildcard policy/*.xml policy/examples/*.xml policy/*.rc policy/*.service) $(data)/examples/; \
for section in 1 5 8; do install -d $(man)/man$$section && install -m 0644 docs/man/*.$$section $(man)/man$$section/ || exit 1; done
endef
