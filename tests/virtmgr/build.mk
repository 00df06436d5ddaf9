# SPDX-License-Identifier: Apache-2.0
# The manager, the client library and the demo client for real, with a program that stands in for the VMM; and with QEMU.

VIRTMGR_TESTS := $(O)/tests/virtmgr
$(VIRTMGR_TESTS)/vmm_stand_in: $(O)/obj/tests/virtmgr/vmm_stand_in.o
$(VIRTMGR_TESTS)/client_probe: $(O)/obj/tests/virtmgr/client_probe.o $(O)/lib/libclient.a $(O)/lib/libcommon.a
$(VIRTMGR_TESTS)/%:
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) -pie $(LDFLAGS_ALL) -o $@ $^

VIRTMGR_PROGRAMS := $(O)/bin/early_virtmgr $(O)/bin/vm_demo_native_early $(VIRTMGR_TESTS)/vmm_stand_in $(VIRTMGR_TESTS)/client_probe

.PHONY: check-virtmgr check-virtmgr-san
check-virtmgr: $(VIRTMGR_PROGRAMS)
	@mkdir -p build/results
	@tests/virtmgr/check.sh build/results/$(if $(SAN),check-virtmgr-san,check-virtmgr).tap $(VIRTMGR_PROGRAMS)

check-virtmgr-san:
	@$(MAKE) --no-print-directory SAN=1 check-virtmgr

# A real guest tells its manager of itself, under the policy, in a test machine.
TEST_PARTS += $(VIRTMGR_PROGRAMS)
.PHONY: check-guest
check-guest: vm-root
	@mkdir -p build/results
	@tests/virtmgr/check-guest $(VM_KERNELS) | tee build/results/check-guest.tap; ! grep -q '^not ok' build/results/check-guest.tap

CHECKS += check-virtmgr check-virtmgr-san check-guest
