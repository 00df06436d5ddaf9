# SPDX-License-Identifier: Apache-2.0
# Fuzzers (libFuzzer) of what reads foreign bytes.
#	make check-fuzz    each for a fixed number of inputs from a fixed seed
#	make fuzz          each for FUZZ_SECONDS, from what was found before; $(BUILD_DIR)/fuzz/NAME keeps what is found
#	make fuzz-NAME     one alone; FUZZ_ARGS are libFuzzer's

FUZZERS      := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_RUNS    ?= 50000
FUZZ_SECONDS ?= 120
FUZZ_CFLAGS   = -std=gnu17 -O1 -g -Wall -Wextra -Werror -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all $(CPPFLAGS)
FUZZ_LINK    := -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -Wl,--wrap=close

# Which sources a fuzzer is made of, compiled anew because libFuzzer counts their edges.  Its examples are in a folder
# (FUZZ_SEEDS), or written by a program seeds_NAME.c.
FUZZ_SOURCES_xml := $(addprefix userspace/common/,xml_reader.c early_vm_entry.c client_file.c path_walk.c safe_open.c partition.c \
                    platform_policy.c platform_policy_settings.c log.c number.c utf8.c write_nowait.c)
FUZZ_SEEDS_xml       := policy
FUZZ_SOURCES_btf     := userspace/common/btf.c userspace/common/core_relocation.c
FUZZ_SOURCES_guest   := userspace/virtmgr/guest_decoder.c
FUZZ_SOURCES_message := userspace/common/message_fds.c userspace/common/protocol.c userspace/common/transport.c
FUZZ_SOURCES_client  := $(FUZZ_SOURCES_message) userspace/common/spawn.c $(addprefix userspace/libavf/,manager_client.c manager_path.c manager_process.c)
FUZZ_SOURCES_qmp     := userspace/virtmgr/vmm/qmp.c userspace/virtmgr/vmm/json.c
FUZZ_SEEDS_qmp       := tests/fuzz/seeds/qmp
FUZZ_SOURCES_failure := userspace/virtmgr/failure_pipe.c
FUZZ_SEEDS_failure   := tests/fuzz/seeds/failure
FUZZ_SOURCES_image   := $(addprefix userspace/image/,apk_digest.c idsig.c composite.c merkle_tree.c file_io.c protobuf.c zip_file.c) \
                        $(addprefix userspace/common/,log.c path_walk.c safe_open.c utf8.c write_nowait.c)
FUZZ_SEEDS_image     := tests/image/vectors tests/fuzz/seeds/image
# The files that a configuration names are not opened.
FUZZ_SOURCES_config  := userspace/demo/vm_config_file.c $(addprefix userspace/libavf/,raw_config.c error.c) \
                        $(addprefix userspace/common/,json_keys.c log.c number.c path_walk.c platform_version.c safe_open.c utf8.c vm_config_keys.c write_nowait.c)
FUZZ_SEEDS_config    := tests/fuzz/seeds/config
FUZZ_WRAPPED_config  := openat
FUZZ_SOURCES_app     := $(addprefix userspace/virtmgr/,apex_list.c os_config.c payload_config.c) $(addprefix userspace/image/,zip_file.c file_io.c) \
                        $(addprefix userspace/common/,json_keys.c log.c message_fds.c path_walk.c platform_version.c protocol.c safe_open.c transport.c utf8.c vm_config_keys.c \
                        write_nowait.c xml_reader.c)
FUZZ_SEEDS_app       := tests/fuzz/seeds/app
FUZZ_WRAPPED_app     := open_protected_file
FUZZ_SOURCES_rpc_session := $(wildcard userspace/rpcbinder/*.c) tests/unit/rpc_loop.c $(addprefix userspace/common/,log.c message_fds.c path_walk.c safe_open.c utf8.c write_nowait.c)
FUZZ_WRAPPED_rpc_session := getrandom
# Each input is a conversation over sockets.
FUZZ_RUNS_rpc_session    ?= 20000
FUZZ_SOURCES_rpc_parcel  := $(wildcard userspace/rpcbinder/*.c) $(addprefix userspace/common/,log.c message_fds.c path_walk.c safe_open.c utf8.c write_nowait.c)
# A run of the manager is long: fewer of them.
FUZZ_RUNS_manager    ?= 2000
FUZZ_SOURCES_manager := $(filter-out %/main.c %/process.c,$(wildcard userspace/virtmgr/*.c userspace/virtmgr/vmm/*.c userspace/image/*.c userspace/rpcbinder/*.c)) \
                        $(filter-out %/version.c %/elf_needs.c %/linked_files.c,$(wildcard userspace/common/*.c)) tests/fuzz/manager_root.c tests/fuzz/vmm_stand_in.c
FUZZ_WRAPPED_manager := socket sigprocmask client_identify client_is_parent event_loop_turn

fuzz_objects = $(patsubst %.c,$(BUILD_DIR)/fuzz/obj/%.o,$(1))

$(BUILD_DIR)/fuzz/obj/%.o: %.c | $(O)/gen/prefix.h
	@mkdir -p $(@D)
	$(call say,FUZZCC,$<)$(CLANG) $(FUZZ_CFLAGS) -MMD -MP -c -o $@ $<
-include $(shell find $(BUILD_DIR)/fuzz/obj -name '*.d' 2>/dev/null)

# Examples are written once for each build of the program that writes them.
$(BUILD_DIR)/fuzz/seeds_%: tests/fuzz/seeds_%.c tests/fuzz/seeds.h tests/fuzz/manager_steps.h $(O)/lib/librpcbinder.a $(O)/lib/libcommon.a
	@mkdir -p $(@D)
	$(call say,SEEDS,$@)$(CC) $(ALL_CFLAGS) -pie -o $@.tmp $< $(O)/lib/librpcbinder.a $(O)/lib/libcommon.a && rm -rf $@.d && mkdir $@.d && \
	  $@.tmp $@.d && mv $@.tmp $@

define fuzzer
FUZZ_SEEDS_$(1) += $(patsubst tests/fuzz/%.c,$(BUILD_DIR)/fuzz/%.d,$(wildcard tests/fuzz/seeds_$(1).c))
$(BUILD_DIR)/fuzz/fuzz_$(1): $(call fuzz_objects,tests/fuzz/fuzz_$(1).c tests/fuzz/harness.c $(FUZZ_SOURCES_$(1))) $(LEAN_LIBXML2)
	$$(call say,FUZZ,$$@)$$(CLANG) $$(FUZZ_LINK) $(addprefix -Wl$(comma)--wrap=,$(FUZZ_WRAPPED_$(1))) -o $$@ $$(filter-out $(LEAN_LIBXML2),$$^) $(XML_STATIC) -lz -lnettle -l:libfdt.a -ljansson
.PHONY: fuzz-$(1)
fuzz-$(1): $(BUILD_DIR)/fuzz/fuzz_$(1) $(patsubst tests/fuzz/%.c,$(BUILD_DIR)/fuzz/%,$(wildcard tests/fuzz/seeds_$(1).c))
	@tests/fuzz/run.sh $(BUILD_DIR)/fuzz/$(1) $(1) '$$(or $$(FUZZ_ARGS),-max_total_time=$$(FUZZ_SECONDS))' $$(FUZZ_SEEDS_$(1))
.PHONY: check-fuzz-$(1)
check-fuzz-$(1): $(BUILD_DIR)/fuzz/fuzz_$(1) $(patsubst tests/fuzz/%.c,$(BUILD_DIR)/fuzz/%,$(wildcard tests/fuzz/seeds_$(1).c))
	@tests/fuzz/check.sh $(or $(FUZZ_RUNS_$(1)),$(FUZZ_RUNS)) $(1) $$(FUZZ_SEEDS_$(1))
endef
$(foreach name,$(FUZZERS),$(eval $(call fuzzer,$(name))))

# All of them, one after another, whatever the first ones find.
.PHONY: fuzz check-fuzz
fuzz:
	@$(MAKE) --no-print-directory --keep-going $(FUZZERS:%=fuzz-%)
check-fuzz:
	@mkdir -p $(BUILD_DIR)/results && rm -f $(BUILD_DIR)/results/check-fuzz-*.tap
	@$(MAKE) --no-print-directory --keep-going $(FUZZERS:%=check-fuzz-%)

CHECKS += check-fuzz
