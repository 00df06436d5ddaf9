# SPDX-License-Identifier: Apache-2.0
# libavf under many threads, with AddressSanitizer and with ThreadSanitizer; and the headers that its clients include.

$(O)/tests/avf/stress: $(O)/obj/tests/avf/stress.o $(O)/lib/libclient.a $(O)/lib/libcommon.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) -pie $(LDFLAGS_ALL) -o $@ $^ -lpthread

AVF_STRESS_ROUNDS ?= 40

# A sanitizer's report ends the program with an error, and then the plan at the end is missing.
.PHONY: run-avf-stress check-avf-threads
run-avf-stress: $(O)/tests/avf/stress
	@mkdir -p build/results
	@timeout 500 $< $(AVF_STRESS_ROUNDS) | sed 's/avf threads/avf threads, $(SAN_NAME)/' >build/results/check-avf-threads-$(SAN).tap; \
	status=$${PIPESTATUS[0]}; grep -v '^1\.\.' build/results/check-avf-threads-$(SAN).tap; \
	[ $$status = 0 ] || { echo "not ok - avf threads, $(SAN_NAME): ended with status $$status" >>build/results/check-avf-threads-$(SAN).tap; exit 1; }
run-avf-stress: SHELL := /bin/bash

check-avf-threads:
	@$(MAKE) --no-print-directory SAN=1 run-avf-stress
	@$(MAKE) --no-print-directory SAN=thread run-avf-stress

.PHONY: check-headers
check-headers: $(AVF).so.1
	@mkdir -p build/results
	@tests/avf/check-headers $< $(PUBLIC_HEADERS) >build/results/check-headers.tap; status=$$?; \
	grep -A 20 '^not ok' build/results/check-headers.tap; exit $$status

CHECKS += check-avf-threads check-headers
