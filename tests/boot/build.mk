# SPDX-License-Identifier: Apache-2.0
# early_vm_init in test machines: what it refuses, and how it is PID 1.  The clients are those of tests/enforcement.

BOOT_ROOT  := $(O)/boot/root
BOOT_FILES := $(wildcard tests/boot/root/enf/*) tests/boot/refusals
$(O)/boot/stamp: $(BOOT_FILES)
	$(Q)rm -rf $(BOOT_ROOT) && mkdir -p $(BOOT_ROOT)/enf $(BOOT_ROOT)/etc/avf && cp $(BOOT_FILES) $(BOOT_ROOT)/enf/ && \
	  mv $(BOOT_ROOT)/enf/early_vm_policy.xml $(BOOT_ROOT)/etc/avf/ && chmod -R u=rwX,go=rX $(BOOT_ROOT) && \
	  mkdir -p $(BOOT_ROOT)/usr/sbin && ln -s vm-init $(BOOT_ROOT)/usr/sbin/init && touch $@

.PHONY: check-init
check-init: $(O)/boot/stamp $(O)/enforcement/stamp $(O)/bin/early_vm_init
	@mkdir -p build/results
	@tests/boot/check $(VM_KERNELS) | tee build/results/check-init.tap; ! grep -q '^not ok' build/results/check-init.tap

CHECKS += check-init
