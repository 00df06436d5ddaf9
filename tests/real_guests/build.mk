# SPDX-License-Identifier: Apache-2.0
# A client of Android's API and the documentation's example, with real guests on both VMMs, under the policy.

REAL_ROOT  := $(O)/real_guests/root
REAL_FILES := $(shell find tests/real_guests/root tests/real_guests/app -type f)

$(O)/real_guests/client: $(addprefix tests/real_guests/,client.c reporting.c) include/android/virtualization.h include/early_vm/client.h $(AVF).so
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(AVF_CLIENT) -pie $(LDFLAGS_ALL) -Wl,-rpath,/system/lib -o $@ $(filter %.c,$^) $(AVF).so

# For the client's overlays of device trees: the machine has no compiler of them.
TEST_PARTS += $(O)/tests/real_guests/make_overlay
$(O)/tests/real_guests/make_overlay: $(O)/obj/tests/real_guests/make_overlay.o
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(LINK_STATIC) $(LDFLAGS_ALL) -o $@ $^ -lfdt

# The example plays the demo client, whose VM it names.
$(O)/real_guests/stamp: $(O)/real_guests/client $(O)/tests/virtmgr/rpc_client $(O)/tests/virtmgr/avf_example $(AVF).so.1 $(O)/tests/crosvm $(REAL_FILES)
	$(call say,ROOT,$(REAL_ROOT))rm -rf $(REAL_ROOT) && cp -r tests/real_guests/root $(REAL_ROOT) && \
	  sed -i 's/qemu-system-x86_64/qemu-system-$(VMM_ARCH)/' $(REAL_ROOT)/etc/avf/early_vm_policy.xml && \
	  mkdir -p $(REAL_ROOT)/system/bin $(REAL_ROOT)/system/lib $(REAL_ROOT)/usr/bin && \
	  cp $(O)/real_guests/client $(REAL_ROOT)/system/bin/guest_client && \
	  cp $(O)/tests/virtmgr/rpc_client $(REAL_ROOT)/system/bin/ && \
	  cp $(O)/tests/virtmgr/avf_example $(REAL_ROOT)/system/bin/vm_demo_native_early && \
	  (cd tests/real_guests/app && python3 -m zipfile -c $(CURDIR)/$(REAL_ROOT)/system/app.apk assets) && \
	  cp $(AVF).so.1 $(REAL_ROOT)/system/lib/ && cp $(O)/tests/crosvm $(REAL_ROOT)/usr/bin/ && \
	  chmod -R u=rwX,go=rX $(REAL_ROOT) && touch $@

.PHONY: check-real-guests
check-real-guests: vm-root $(O)/real_guests/stamp
	@tests/real_guests/check $(VM_KERNELS)

CHECK_PARTS += $(O)/real_guests/stamp
CHECKS += check-real-guests
