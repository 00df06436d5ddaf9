# SPDX-License-Identifier: Apache-2.0
# Mutation tests: which changes of a line does no test notice?  Not part of `make check', for it takes hours.
MUTANTS ?= 120

.PHONY: mutants
mutants:
	@mkdir -p build/mutants
	@tests/mutants/mutants --count $(MUTANTS) $(MUTANTS_ARGS) | tee build/mutants/result
