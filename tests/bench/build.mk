# SPDX-License-Identifier: Apache-2.0
# make bench: what the policy and the manager cost, in instructions, time, bytes and pages; never a test.

$(eval $(call bpf_object,floor,tests/bench/floor.bpf.c,))

# Empty programs on every hook of the policy: the limit of what its start can cost.
$(O)/gen/limit.bpf.c: include/early_vm/programs.h
	@mkdir -p $(@D)
	$(call say,GEN,$@)sed -n -e 's|^\tP(\([a-z0-9_]*\), bpf_lsm_\([a-z0-9_]*\)).*|EMPTY("lsm/\2", empty_\1)|p' \
	  -e 's|^\tP(\([a-z0-9_]*\), \(vhost_[a-z0-9_]*\)).*|EMPTY("fexit/\2", empty_\1)|p' $< | \
	  { cat tests/bench/empty.h; cat; echo 'char LICENSE[] SEC("license") = "Dual BSD/GPL";'; } >$@
$(O)/gen/limit.bpf.c: tests/bench/empty.h
$(eval $(call bpf_object,limit,$(O)/gen/limit.bpf.c,))
$(O)/obj/tests/bench/limit.o: $(O)/gen/limit.lskel.h
$(O)/tests/bench/limit: $(O)/obj/tests/bench/limit.o $(O)/lib/libinit.a $(O)/lib/libcommon.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) -static $(LDFLAGS_ALL) -o $@ $^

$(O)/tests/bench/cost: $(O)/obj/tests/bench/cost.o
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) -static $(LDFLAGS_ALL) -o $@ $^
$(O)/obj/tests/bench/floor.o: $(O)/gen/floor.lskel.h
$(O)/tests/bench/floor: $(O)/obj/tests/bench/floor.o
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) -static $(LDFLAGS_ALL) -o $@ $^
$(eval $(call bpf_object,peers,tests/bench/peers.bpf.c,))
$(O)/obj/tests/bench/peer.o: $(O)/gen/peers.lskel.h
$(O)/tests/bench/peer: $(O)/obj/tests/bench/peer.o
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) -static $(LDFLAGS_ALL) -o $@ $^

# Static: they run in a root of their own.
$(O)/tests/bench/vmm: $(O)/obj/tests/bench/vmm.o
$(O)/tests/bench/manager: $(O)/obj/tests/bench/manager.o $(O)/lib/libclient.a $(O)/lib/libcommon.a
$(O)/tests/bench/latency: $(O)/obj/tests/bench/latency.o $(O)/lib/libclient.a $(O)/lib/libcommon.a
$(addprefix $(O)/tests/bench/,vmm manager latency):
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(LINK_STATIC) $(LDFLAGS_ALL) -o $@ $^

$(O)/tests/bench/timed: $(O)/obj/tests/bench/timed.o
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) -static $(LDFLAGS_ALL) -o $@ $^
$(O)/tests/bench/programs: $(O)/obj/tests/bench/programs.o $(O)/lib/libcommon.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) -static $(LDFLAGS_ALL) -o $@ $^

TEST_PARTS += $(addprefix $(O)/tests/bench/,cost floor limit peer manager latency programs timed vmm)

bench: deps
	@$(MAKE) --no-print-directory all $(TEST_PARTS) $(if $(FOREIGN),,$(BUILD_DIR)/tests/image_tool) vm-root
	@tests/bench/run

# The last run's figures become the kept ones, which docs/performance.md shows.
.PHONY: bench-docs
bench-docs:
	@[ -e $(O)/bench/figures.tsv ] || { echo 'bench-docs: there are no figures in $(O)/bench: run make bench first' >&2; exit 1; }
	@tests/bench/performance.py keep $(O)/bench/figures.tsv
