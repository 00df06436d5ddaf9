# SPDX-License-Identifier: Apache-2.0
# early_vmctl in a test machine: after refusals that are known, it must show exactly these.

TEST_PARTS += $(O)/tests/ctl/client $(O)/tests/ctl/check-inside

$(O)/tests/ctl/client: $(O)/obj/tests/ctl/client.o
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(LINK_STATIC) $(LDFLAGS_ALL) -o $@ $^

$(O)/tests/ctl/check-inside: tests/ctl/check-inside
	@mkdir -p $(@D)
	$(Q)cp $< $@

.PHONY: check-ctl
check-ctl: vm-root
	@mkdir -p build/results
	@tests/ctl/check $(VM_KERNELS) | tee build/results/check-ctl.tap; ! grep -q '^not ok' build/results/check-ctl.tap

CHECKS += check-ctl
