# SPDX-License-Identifier: Apache-2.0
# The promises on arm64, in emulated machines: the same probes and the same demo, from a cross build (cross.mk).
#	make check ARCHES=x86_64      leaves this out
# Debian's kernels for arm64 are not preemptible, so the races are tried on the one with PREEMPT_RT.

ARCHES        ?= x86_64 arm64
ARM64_KERNELS ?= 6.12 6.12-rt
ARM64_CHECKS  := check-enforcement check-demo

# The tables are those of the checks themselves; here they are called check-arm64-*.
.PHONY: check-arm64
check-arm64:
	@mkdir -p build/results && rm -f build/arm64/results/*.tap
	@status=0; env -u BUILD_DIR -u ARCH $(MAKE) --no-print-directory ARCH=arm64 KERNELS='$(ARM64_KERNELS)' $(ARM64_CHECKS) || status=$$?; \
	  for tap in build/arm64/results/check-*.tap; do \
	    [ ! -e $$tap ] || sed -E 's/^((not )?ok [0-9]* ?- )/\1arm64: /' $$tap >build/results/check-arm64-$${tap##*/check-}; \
	  done; exit $$status

# A machine of its own architecture has no use for it.
ifneq ($(filter arm64,$(ARCHES)),)
ifeq ($(HOST_ARCH),x86_64)
CHECKS += $(if $(FOREIGN),,check-arm64)
endif
endif
