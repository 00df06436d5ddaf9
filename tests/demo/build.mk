# SPDX-License-Identifier: Apache-2.0
# make demo, and the same scenario as a test.

$(O)/tests/demo/claim: $(O)/obj/tests/demo/claim.o
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) -static-pie $(LDFLAGS_ALL) -s -o $@ $^
$(O)/tests/demo/scenario: tests/demo/scenario
	@mkdir -p $(@D)
	$(Q)install -m 0755 $< $@

TEST_PARTS += $(O)/tests/demo/claim $(O)/tests/demo/scenario

.PHONY: run-demo check-demo
run-demo: vm-root
	@tests/demo/run
check-demo: vm-root
	@tests/demo/run --check $(VM_KERNELS)

CHECKS += check-demo
