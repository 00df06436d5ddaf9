# SPDX-License-Identifier: Apache-2.0
# How tests/check.py adds up what the checks report, and its JUnit XML.

.PHONY: check-report
check-report:
	@mkdir -p $(BUILD_DIR)/results
	@tests/report/check >$(BUILD_DIR)/results/check-report.tap; status=$$?; grep -v '^ok' $(BUILD_DIR)/results/check-report.tap; exit $$status

CHECKS += check-report
