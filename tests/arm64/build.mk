# SPDX-License-Identifier: Apache-2.0
# The promises on arm64, in emulated machines: the same tables of tests, from a cross build (cross.mk).
#	make check ARCHES=x86_64      leaves this out

ARCHES       ?= x86_64 arm64
ARM64_KERNEL ?= 6.12
# Debian's kernels for arm64 are not preemptible, so the races are tried on the one with PREEMPT_RT.
arm64_kernels_enforcement := $(ARM64_KERNEL) 6.12-rt
arm64_kernels_attacks     := $(ARM64_KERNEL)
arm64_kernels_demo        := $(ARM64_KERNEL)
arm64_kernels_real-guests := $(ARM64_KERNEL)
# 6.1 attaches no BPF LSM program on arm64: what becomes of KVM there.
arm64_kernels_init        := $(ARM64_KERNEL) 6.1
ARM64_CHECKS              := enforcement attacks real-guests init demo

# The tables are those of the checks themselves; here they are called check-arm64-*.
.PHONY: check-arm64
check-arm64:
	@mkdir -p build/results && rm -f build/arm64/results/*.tap
	@status=0; $(foreach check,$(ARM64_CHECKS),env -u BUILD_DIR -u ARCH $(MAKE) --no-print-directory ARCH=arm64 \
	  KERNELS='$(arm64_kernels_$(check))' check-$(check) || status=$$?;) \
	  for tap in build/arm64/results/check-*.tap; do \
	    [ ! -e $$tap ] || sed -E 's/^((not )?ok [0-9]* ?- )/\1arm64: /' $$tap >build/results/check-arm64-$${tap##*/check-}; \
	  done; exit $$status

# A machine of its own architecture has no use for it.
ifneq ($(filter arm64,$(ARCHES)),)
ifeq ($(HOST_ARCH),x86_64)
CHECKS += $(if $(FOREIGN),,check-arm64)
endif
endif
