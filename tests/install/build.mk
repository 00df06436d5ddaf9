# SPDX-License-Identifier: Apache-2.0
# make install and make uninstall; bash completion; early_vm_boot, when the boot loader fails it.

.PHONY: check-install
check-install: $(PROGRAMS)
	@mkdir -p $(BUILD_DIR)/results
	@tests/install/check $(O)/bin >$(BUILD_DIR)/results/check-install.tap; status=$$?; \
	  tests/install/check_boot >$(BUILD_DIR)/results/check-install-boot.tap || status=1; \
	  grep -hv '^ok' $(BUILD_DIR)/results/check-install.tap $(BUILD_DIR)/results/check-install-boot.tap; exit $$status

CHECKS += check-install
