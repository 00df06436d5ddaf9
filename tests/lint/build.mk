# SPDX-License-Identifier: Apache-2.0
# make lint: the static analysers.  LINT_TOOLS="cppcheck gcc" runs these alone (LINT is make's own).

.PHONY: lint check-lint
lint check-lint: all
	@mkdir -p $(BUILD_DIR)/results
	@tests/lint/check $(LINT_TOOLS) >$(BUILD_DIR)/results/check-lint.tap; status=$$?; grep -v '^ok' $(BUILD_DIR)/results/check-lint.tap; exit $$status

CHECKS += check-lint
