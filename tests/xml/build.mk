# SPDX-License-Identifier: Apache-2.0
# The schemas accept what we ship and refuse what is wrong.

.PHONY: check-xml
check-xml:
	@mkdir -p build/results
	@tests/xml/check.sh >build/results/check-xml.tap || { cat build/results/check-xml.tap; exit 1; }

CHECKS += check-xml
