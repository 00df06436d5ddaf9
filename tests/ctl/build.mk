# SPDX-License-Identifier: Apache-2.0
# early_vmctl in a test machine: after refusals that are known, it must show exactly these.

TEST_PARTS += $(O)/tests/ctl/client $(O)/tests/ctl/check-inside $(O)/tests/ctl/twin

$(O)/tests/ctl/client: $(O)/obj/tests/ctl/client.o
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(LINK_STATIC) $(LDFLAGS_ALL) -o $@ $^

$(O)/tests/ctl/check-inside: tests/ctl/check-inside
	@mkdir -p $(@D)
	$(Q)cp $< $@

$(eval $(call bpf_object,twin,tests/ctl/twin.bpf.c,))
$(O)/obj/tests/ctl/twin.o: $(O)/gen/twin.lskel.h
$(O)/tests/ctl/twin: $(O)/obj/tests/ctl/twin.o
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) -static $(LDFLAGS_ALL) -o $@ $^

.PHONY: check-ctl
check-ctl: vm-root
	@mkdir -p $(BUILD_DIR)/results
	@tests/ctl/check $(VM_KERNELS) | tee $(BUILD_DIR)/results/check-ctl.tap; ! grep -q '^not ok' $(BUILD_DIR)/results/check-ctl.tap

CHECKS += check-ctl
