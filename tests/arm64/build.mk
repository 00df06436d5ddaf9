# SPDX-License-Identifier: Apache-2.0
# The promises on arm64, in emulated machines: the same tables of tests, from a cross build (cross.mk).
#	make check ARCHES=x86_64      leaves this out
#	make check-arm64-full         what `make check` has no time for: half an hour

ARCHES       ?= x86_64 arm64
ARM64_KERNEL ?= 6.12
# Debian's kernels for arm64 are not preemptible, so the races are tried on the one with PREEMPT_RT.
# 6.1 attaches no BPF LSM program on arm64: what becomes of KVM there.
ARM64_CHECKS := 'enforcement:$(ARM64_KERNEL) 6.12-rt' 'attacks:$(ARM64_KERNEL)' 'real-guests:$(ARM64_KERNEL)' \
                'init:$(ARM64_KERNEL) 6.1' 'demo:$(ARM64_KERNEL)' arm64-install:

# Pages of 16 KiB, and the newest kernel; the rt kernel is there for the races, as those are not fully preemptible.  And a hypervisor
# that the host's kernel is not trusted by, as Android's command line has it.
pkvm := pkvm:kvm-arm.mode=protected
ARM64_FULL_CHECKS := 'arm64-kernel:6.12-16k' 'arm64-kernel:$(ARM64_KERNEL):$(pkvm)' 'vm:$(ARM64_KERNEL)' \
                     'enforcement:6.12-16k newest 6.12-rt' 'attacks:6.12-16k newest' 'demo:6.12-16k newest' \
                     'ctl:$(ARM64_KERNEL)' 'vmbase-nested:$(ARM64_KERNEL)' 'guest:$(ARM64_KERNEL)' 'init:newest' 'init-more:$(ARM64_KERNEL)' \
                     'init:$(ARM64_KERNEL):$(pkvm)' 'demo:$(ARM64_KERNEL):$(pkvm)'

# The tables are those of the checks themselves; here they are called check-arm64-* and check-arm64-full-*.
.PHONY: check-arm64 check-arm64-full check-arm64-kernel check-arm64-install
check-arm64:
	@tests/arm64/check $@ $(ARM64_CHECKS)
check-arm64-full:
	@tests/arm64/check $@ $(ARM64_FULL_CHECKS)

# That a machine has what the rows above are for.
check-arm64-kernel: vm-root
	@tests/arm64/check-kernel $(VM_KERNELS)

check-arm64-install: $(PROGRAMS)
	@mkdir -p $(BUILD_DIR)/results
	@tests/arm64/check-install >$(BUILD_DIR)/results/$@.tap; status=$$?; grep -v '^ok' $(BUILD_DIR)/results/$@.tap; exit $$status

# A machine of its own architecture has no use for it.
ifneq ($(filter arm64,$(ARCHES)),)
ifeq ($(HOST_ARCH),x86_64)
CHECKS += $(if $(FOREIGN),,check-arm64)
endif
endif
