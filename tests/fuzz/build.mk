# SPDX-License-Identifier: Apache-2.0
# Fuzzers of what reads foreign bytes.  `make check-fuzz` runs each for a fixed number of inputs from a fixed seed;
# `make fuzz-NAME FUZZ_ARGS=...` for as long as one likes (build/fuzz/NAME keeps what it found).

FUZZERS     := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_RUNS   ?= 50000
FUZZ_CFLAGS := -std=gnu17 -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all $(CPPFLAGS)

# Which sources a fuzzer is made of (compiled again, because libFuzzer counts their edges), and where it finds examples.
FUZZ_SOURCES_xml := $(addprefix userspace/common/,xml_reader.c early_vm_entry.c client_file.c safe_open.c partition.c \
                    platform_policy.c platform_policy_settings.c log.c)
FUZZ_SEEDS_xml   := policy
FUZZ_SOURCES_guest := userspace/virtmgr/guest_decoder.c

define fuzzer
build/fuzz/fuzz_$(1): tests/fuzz/fuzz_$(1).c $(FUZZ_SOURCES_$(1))
	@mkdir -p $$(@D)/$(1)
	$$(call say,FUZZ,$$@)$$(CLANG) $$(FUZZ_CFLAGS) -o $$@ $$^ $$(XML_DYNAMIC)
.PHONY: fuzz-$(1)
fuzz-$(1): build/fuzz/fuzz_$(1)
	build/fuzz/fuzz_$(1) $$(if $$(wildcard tests/fuzz/fuzz_$(1).dict),-dict=tests/fuzz/fuzz_$(1).dict) $$(FUZZ_ARGS) build/fuzz/$(1) $(FUZZ_SEEDS_$(1))
endef
$(foreach name,$(FUZZERS),$(eval $(call fuzzer,$(name))))

.PHONY: check-fuzz
check-fuzz: $(FUZZERS:%=build/fuzz/fuzz_%)
	@mkdir -p build/results && rm -f build/results/check-fuzz-*.tap
	@status=0; $(foreach name,$(FUZZERS),tests/fuzz/check.sh $(FUZZ_RUNS) $(name) $(FUZZ_SEEDS_$(name)) || status=1;) exit $$status

CHECKS += check-fuzz
