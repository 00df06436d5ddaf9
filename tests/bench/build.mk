# SPDX-License-Identifier: Apache-2.0
# make bench: what the policy costs, in instructions, bytes and pages; never a test.

$(eval $(call bpf_object,floor,tests/bench/floor.bpf.c,))

$(O)/tests/bench/cost: $(O)/obj/tests/bench/cost.o
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) -static $(LDFLAGS_ALL) -o $@ $^
$(O)/obj/tests/bench/floor.o: $(O)/gen/floor.lskel.h
$(O)/tests/bench/floor: $(O)/obj/tests/bench/floor.o
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) -static $(LDFLAGS_ALL) -o $@ $^

$(O)/tests/bench/manager: $(O)/obj/tests/bench/manager.o $(O)/lib/libclient.a $(O)/lib/libcommon.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) -static-pie $(LDFLAGS_ALL) -o $@ $^

$(O)/tests/bench/programs: $(O)/obj/tests/bench/programs.o $(O)/lib/libcommon.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) -static $(LDFLAGS_ALL) -o $@ $^

TEST_PARTS += $(addprefix $(O)/tests/bench/,cost floor manager programs)

bench: deps
	@$(MAKE) --no-print-directory all $(TEST_PARTS) vm-root
	@tests/bench/run
