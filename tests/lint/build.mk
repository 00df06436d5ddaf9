# SPDX-License-Identifier: Apache-2.0
# make lint: the static analysers.  LINT="cppcheck gcc" runs these alone.

.PHONY: lint check-lint
lint check-lint: all
	@mkdir -p $(BUILD_DIR)/results
	@tests/lint/check $(LINT) >$(BUILD_DIR)/results/check-lint.tap; status=$$?; grep -v '^ok' $(BUILD_DIR)/results/check-lint.tap; exit $$status

CHECKS += check-lint
