# SPDX-License-Identifier: Apache-2.0
# A real Debian host with the packages of `make deb`: systemd, apt, containers, reboots.  Takes minutes, and root.

HOST_SUITES ?= trixie bookworm
.PHONY: check-packages check-host
check-packages: deb
	@mkdir -p $(BUILD_DIR)/results
	@for suite in $(HOST_SUITES); do tests/host/check-packages $$suite >$(BUILD_DIR)/results/check-packages-$$suite.tap; \
	  grep -v '^ok' $(BUILD_DIR)/results/check-packages-$$suite.tap; done; ! grep -q '^not ok' $(BUILD_DIR)/results/check-packages-*.tap

check-host: check-packages vmbase
	@for suite in $(HOST_SUITES); do tests/host/check $$suite >$(BUILD_DIR)/results/check-host-$$suite.tap; \
	  grep -v '^ok' $(BUILD_DIR)/results/check-host-$$suite.tap; done; ! grep -q '^not ok' $(BUILD_DIR)/results/check-host-*.tap
