# SPDX-License-Identifier: Apache-2.0
# Mutation tests: which changes of a line does no test notice?  `make check' has a sample; all of them take hours.
MUTANTS ?= 120

.PHONY: mutants check-mutants
mutants:
	@mkdir -p build/mutants
	@tests/mutants/mutants --count $(MUTANTS) $(MUTANTS_ARGS) | tee build/mutants/result

# The helpers of the unit tests are in each program, and one file of tests.
check-mutants: $(O)/tests/unit-tests
	@mkdir -p $(BUILD_DIR)/results
	@CC="$(CC)" CFLAGS="$(ALL_CFLAGS)" LDFLAGS="$(UNIT_LDFLAGS)" LDLIBS="$(UNIT_LDLIBS)" ARCHIVES="$(UNIT_ARCHIVES)" \
	  HELPERS="$(filter-out $(O)/obj/tests/unit/test_%,$(UNIT_OBJECTS))" OBJECTS=$(O)/obj/tests/unit \
	  tests/mutants/check-sample >$(BUILD_DIR)/results/check-mutants.tap; status=$$?; \
	  grep -v '^ok' $(BUILD_DIR)/results/check-mutants.tap; exit $$status

CHECKS += check-mutants
