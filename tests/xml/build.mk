# SPDX-License-Identifier: Apache-2.0
# The schemas accept what we ship and refuse what is wrong.

.PHONY: check-xml
check-xml:
	@mkdir -p $(BUILD_DIR)/results
	@tests/xml/check.sh >$(BUILD_DIR)/results/check-xml.tap || { cat $(BUILD_DIR)/results/check-xml.tap; exit 1; }

CHECKS += check-xml
