# SPDX-License-Identifier: Apache-2.0
# The test machine.  Other checks depend on vm-root (tests/build.mk says on what that depends) and say
#	tests/vm/run --kernel 6.1 -- /usr/lib/early_vm/tests/NAME
# (run brings the root up to date itself, so that it also works by hand after any make).

VM_GUEST   := $(O)/tests/vm/hello $(O)/tests/vm/serve
VM_HOST    := $(O)/tests/vm/vsock-listen
TEST_PARTS += $(VM_GUEST) $(VM_HOST)

$(VM_GUEST): $(O)/obj/tests/vm/guest/boot.o
$(VM_GUEST) $(VM_HOST): $(O)/tests/vm/%: $(O)/obj/tests/vm/guest/%.o
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(LINK_STATIC) $(LDFLAGS_ALL) -o $@ $^

.PHONY: vm-root check-vm
vm-root:
	@for kernel in $(VM_KERNELS); do tests/vm/run --kernel $$kernel --prepare || exit 1; done

check-vm: vm-root
	@mkdir -p $(BUILD_DIR)/results
	@tests/vm/check $(VM_KERNELS) | tee $(BUILD_DIR)/results/check-vm.tap; ! grep -q '^not ok' $(BUILD_DIR)/results/check-vm.tap

CHECKS += check-vm
