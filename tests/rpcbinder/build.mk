# SPDX-License-Identifier: Apache-2.0
# The RPC binder library's unit tests are in tests/unit (test_rpc_*, test_aidl_*); their vectors are here.
UNIT_LIBS += $(O)/lib/librpcbinder.a

# docs/virtualization_aidl.md from the tables.
.PHONY: aidl-docs
aidl-docs: $(O)/tests/write_aidl_table
	$(Q)$< >docs/virtualization_aidl.md

$(O)/tests/write_aidl_table: $(O)/obj/tests/rpcbinder/write_table.o $(O)/obj/tests/unit/aidl_table.o $(O)/lib/librpcbinder.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) -pie $(LDFLAGS_ALL) -o $@ $^
