# SPDX-License-Identifier: Apache-2.0
# What docs/ci.md and the workflows tell CI to do.

.PHONY: check-ci
check-ci:
	@mkdir -p $(BUILD_DIR)/results
	@tests/ci/check >$(BUILD_DIR)/results/check-ci.tap; status=$$?; grep -v '^ok' $(BUILD_DIR)/results/check-ci.tap; exit $$status

CHECKS += check-ci
