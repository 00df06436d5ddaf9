# SPDX-License-Identifier: Apache-2.0
# The manager, the client library and the demo client for real, with a program that stands in for the VMM; and with QEMU.

VIRTMGR_TESTS := $(O)/tests/virtmgr
$(VIRTMGR_TESTS)/vmm_stand_in: $(O)/obj/tests/virtmgr/vmm_stand_in.o $(O)/lib/libimage.a $(O)/lib/libcommon.a
$(VIRTMGR_TESTS)/client_probe: $(O)/obj/tests/virtmgr/client_probe.o $(O)/lib/libclient.a $(O)/lib/libcommon.a
# A client of Android's, by the library's client side.
$(VIRTMGR_TESTS)/rpc_client: $(addprefix $(O)/obj/tests/,$(addprefix virtmgr/,rpc_client.o rpc_app_config.o rpc_contents.o rpc_manager.o) unit/rpc_loop.o) $(O)/lib/librpcbinder.a $(O)/lib/libcommon.a
# Clients of others, who have the public headers and the shared library; the example of the documentation is one.
AVF_CLIENT = $(filter-out -Iuserspace -I$(O)/gen,$(ALL_CFLAGS))
$(VIRTMGR_TESTS)/avf_client $(VIRTMGR_TESTS)/avf_example: $(AVF).so
$(VIRTMGR_TESTS)/avf_client: tests/virtmgr/avf_client.c include/android/virtualization.h
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(AVF_CLIENT) -pie $(LDFLAGS_ALL) -Wl,-rpath,/system/lib -o $@ $< $(AVF).so
$(VIRTMGR_TESTS)/avf_example: docs/early_vm.md include/android/virtualization.h
	@mkdir -p $(@D)
	$(Q)sed -n '/^```c$$/,/^```$$/{/^```/d;p}' $< >$@.c
	$(call say,LINK,$@)$(CC) $(AVF_CLIENT) -pie $(LDFLAGS_ALL) -Wl,-rpath,/system/lib -o $@ $@.c $(AVF).so
$(VIRTMGR_TESTS)/header_test.o: tests/virtmgr/header_test.cc include/android/virtualization.h include/early_vm/client.h
	@mkdir -p $(@D)
	$(call say,CXX,$<)$(CXX) -std=c++17 -Wall -Wextra -Werror -Iinclude -c -o $@ $<
	@! nm $@ | grep -E ' U _Z.*(AVirtual|evm_)'

# Static: they are started thousands of times, and a system call that fails there is not the dynamic linker's.
$(VIRTMGR_TESTS)/%:
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(LINK_STATIC) $(LDFLAGS_ALL) -o $@ $^

$(VIRTMGR_TESTS)/without_openat2: $(O)/obj/tests/boot/without_openat2.o
# What is on the path of the scripts.
VIRTMGR_TOOLS := $(O)/bin/early_vmctl $(VIRTMGR_TESTS)/without_openat2

VIRTMGR_PROGRAMS := $(O)/bin/early_virtmgr $(O)/bin/vm_demo_native_early $(VIRTMGR_TESTS)/vmm_stand_in $(VIRTMGR_TESTS)/client_probe \
                    $(VIRTMGR_TESTS)/avf_client $(VIRTMGR_TESTS)/avf_example $(AVF).so.1 \
                    $(VIRTMGR_TESTS)/rpc_client

.PHONY: check-virtmgr check-virtmgr-san
VIRTMGR_RESULTS := $(BUILD_DIR)/results/check-virtmgr$(if $(SAN),-san)
check-virtmgr: $(VIRTMGR_PROGRAMS) $(VIRTMGR_TOOLS) $(VIRTMGR_TESTS)/header_test.o
	@mkdir -p $(BUILD_DIR)/results
	@tests/virtmgr/check.sh $(VIRTMGR_RESULTS).tap cases.sh $(VIRTMGR_PROGRAMS) $(VIRTMGR_TOOLS)
	@CLIENT_USER=1000 tests/virtmgr/check.sh $(VIRTMGR_RESULTS)-user.tap cases.sh $(VIRTMGR_PROGRAMS) $(VIRTMGR_TOOLS)
	@tests/virtmgr/check.sh $(VIRTMGR_RESULTS)-binder.tap binder.sh $(VIRTMGR_PROGRAMS)
	@tests/virtmgr/check.sh $(VIRTMGR_RESULTS)-app.tap app.sh $(VIRTMGR_PROGRAMS) $(VIRTMGR_TOOLS)
	@tests/virtmgr/check.sh $(VIRTMGR_RESULTS)-ends.tap ends.sh $(VIRTMGR_PROGRAMS)
	@tests/virtmgr/check.sh $(VIRTMGR_RESULTS)-mistakes.tap mistakes.sh $(VIRTMGR_PROGRAMS) $(O)/bin/early_vmctl

# The first script alone, for make mutants.
.PHONY: virtmgr-programs check-virtmgr-cases
virtmgr-programs: $(VIRTMGR_PROGRAMS) $(VIRTMGR_TOOLS)
check-virtmgr-cases: virtmgr-programs
	@mkdir -p $(BUILD_DIR)/results
	@tests/virtmgr/check.sh $(VIRTMGR_RESULTS)-cases.tap cases.sh $(VIRTMGR_PROGRAMS) $(VIRTMGR_TOOLS)

check-virtmgr-san:
	@$(MAKE) --no-print-directory SAN=1 check-virtmgr

# What becomes of VMs when a process dies or a system call fails, wherever it is: LONG=1 tries every call, not a sample.
$(VIRTMGR_TESTS)/fault: $(O)/obj/tests/virtmgr/fault.o
.PHONY: check-faults
check-faults: $(VIRTMGR_PROGRAMS) $(O)/bin/early_vmctl $(VIRTMGR_TESTS)/fault
	@mkdir -p $(BUILD_DIR)/results
	@LONG=$(LONG) tests/virtmgr/check.sh $(BUILD_DIR)/results/check-faults.tap faults.sh $(VIRTMGR_PROGRAMS) $(O)/bin/early_vmctl $(VIRTMGR_TESTS)/fault

# Many VMs, many clients; what a manager keeps.
$(VIRTMGR_TESTS)/client_load: $(O)/obj/tests/virtmgr/client_load.o $(O)/lib/libclient.a $(O)/lib/libcommon.a
# The manager as valgrind can look at it: dynamic, so that it sees each allocation.
$(VIRTMGR_TESTS)/manager_for_valgrind: $(O)/obj/userspace/virtmgr/main.o $(O)/obj/tests/virtmgr/valgrind_gaps.o $(O)/lib/libvirtmgr.a $(O)/lib/libimage.a $(O)/lib/librpcbinder.a $(O)/lib/libcommon.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) -pie $(LDFLAGS_ALL) -Wl,--wrap=pidfd_open,--wrap=pidfd_send_signal,--wrap=waitid,--wrap=close_range -o $@ $^ $(MANAGER_LIBS) $(XML_DYNAMIC)
LOAD_TOOLS := $(VIRTMGR_TESTS)/client_load $(VIRTMGR_TESTS)/manager_for_valgrind
.PHONY: check-load
check-load: $(VIRTMGR_PROGRAMS) $(LOAD_TOOLS)
	@mkdir -p $(BUILD_DIR)/results
	@tests/virtmgr/check.sh $(BUILD_DIR)/results/check-load.tap load.sh $(VIRTMGR_PROGRAMS) $(LOAD_TOOLS)

# A real guest tells its manager of itself, under the policy, in a test machine.
TEST_PARTS += $(VIRTMGR_PROGRAMS)
.PHONY: check-guest
check-guest: vm-root
	@tests/virtmgr/check-guest $(VM_KERNELS)

CHECK_PARTS += $(VIRTMGR_TESTS)/header_test.o $(VIRTMGR_TESTS)/fault $(LOAD_TOOLS)
SAN_PARTS   += $(VIRTMGR_PROGRAMS) $(VIRTMGR_TOOLS) $(VIRTMGR_TESTS)/header_test.o
CHECKS += check-virtmgr check-virtmgr-san check-faults check-load check-guest
