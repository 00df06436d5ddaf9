# SPDX-License-Identifier: Apache-2.0
# make install and make uninstall; bash completion.

.PHONY: check-install
check-install: $(PROGRAMS)
	@mkdir -p $(BUILD_DIR)/results
	@tests/install/check $(O)/bin >$(BUILD_DIR)/results/check-install.tap; status=$$?; grep -v '^ok' $(BUILD_DIR)/results/check-install.tap; exit $$status

CHECKS += check-install
