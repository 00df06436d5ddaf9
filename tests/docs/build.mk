# SPDX-License-Identifier: Apache-2.0
# Man pages, help texts, exit codes and units agree with each other.

.PHONY: check-docs
check-docs: $(PROGRAMS)
	@mkdir -p build/results
	@tests/docs/check $(O)/bin | tee build/results/check-docs.tap; ! grep -q '^not ok' build/results/check-docs.tap

CHECKS += check-docs
