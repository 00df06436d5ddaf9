# SPDX-License-Identifier: Apache-2.0
# Man pages, help texts, exit codes and units agree with each other.

.PHONY: check-docs
check-docs: $(PROGRAMS)
	@mkdir -p $(BUILD_DIR)/results
	@tests/docs/check $(O)/bin | tee $(BUILD_DIR)/results/check-docs.tap; ! grep -q '^not ok' $(BUILD_DIR)/results/check-docs.tap

CHECKS += check-docs

# The session that docs/audit.md shows, in a test machine.
.PHONY: check-audit
check-audit: vm-root
	@mkdir -p $(BUILD_DIR)/results
	@tests/docs/check-audit >$(BUILD_DIR)/results/check-audit.tap; status=$$?; grep -v '^ok' $(BUILD_DIR)/results/check-audit.tap; exit $$status

CHECKS += check-audit
