# SPDX-License-Identifier: Apache-2.0
# The ABI of libavf.so against a description that is checked in, which is that of x86_64.

.PHONY: check-abi
check-abi: $(AVF).so.1
	@mkdir -p $(BUILD_DIR)/results
	@tests/abi/check $(AVF).so.1 >$(BUILD_DIR)/results/check-abi.tap; status=$$?; grep -v '^ok' $(BUILD_DIR)/results/check-abi.tap; exit $$status

ifeq ($(ARCH),x86_64)
CHECKS += check-abi
endif
