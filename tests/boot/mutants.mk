# SPDX-License-Identifier: Apache-2.0
# early_vm_init with a policy in which one number of the kernel's inside is wrong on purpose (bpf/kernel_constants.h): NAME and
# the bits that are flipped.  tests/boot/mutants shows that each is found when the policy is loaded.

MUTANT_DIR := $(O)/boot/mutants
MUTANTS    := FMODE_WRITE=0x6 LSM_UNSAFE_SHARE=0x9 LSM_UNSAFE_PTRACE=0x3 LSM_UNSAFE_NO_NEW_PRIVS=0xc PTRACE_MODE_ATTACH=0x6 \
              CTIME_NSEC_MASK=0x3fffffff LOCKDOWN_REASON=1 MINOR=3
MUTANT_NAMES := $(foreach m,$(MUTANTS),$(firstword $(subst =, ,$(m))))

# $(call mutant_object,NAME,BITS,OBJECT,SOURCE,DEFINES)
define mutant_object
$(MUTANT_DIR)/$(1)/$(3).bpf.o: $(4) $$(wildcard bpf/*.h include/early_vm/*.h)
	@mkdir -p $$(@D)
	$$(call say,CLANG,$$@)$$(CLANG) $$(BPF_CFLAGS) $(5) -DMUTANT_$(1)=$(2) -c -o $$@ $$< && $$(LLVM_STRIP) -g $$@
$(MUTANT_DIR)/$(1)/$(3).lskel.h: $(MUTANT_DIR)/$(1)/$(3).bpf.o
	$$(call say,SKEL,$$@)$$(BPFTOOL) gen skeleton -L $$< name $(3) >$$@
endef

# The variant for machines that have all, and the iterators; the others, which are not loaded there, are as always.
define mutant
$(call mutant_object,$(1),$(2),policy_full,bpf/policy.bpf.c,)
$(call mutant_object,$(1),$(2),iterators,bpf/iterators.bpf.c,)
$(MUTANT_DIR)/$(1)/policy_variants.o: userspace/init/policy_variants.c $(MUTANT_DIR)/$(1)/policy_full.lskel.h \
                                      $(MUTANT_DIR)/$(1)/iterators.lskel.h $(O)/obj/userspace/init/policy_variants.o
	$$(call say,CC,$$@)$$(CC) -I$(MUTANT_DIR)/$(1) $$(ALL_CFLAGS) -c -o $$@ $$<
$(MUTANT_DIR)/early_vm_init.$(1): $(O)/obj/userspace/init/main.o $(MUTANT_DIR)/$(1)/policy_variants.o $(O)/lib/libinit.a $(O)/lib/libcommon.a \
                               $(LEAN_LIBXML2)
	$$(call say,LINK,$$@)$$(CC) $$(LINK_STATIC) $$(LDFLAGS_ALL) -s -o $$@ $(O)/obj/userspace/init/main.o \
	  $(MUTANT_DIR)/$(1)/policy_variants.o $(O)/lib/libinit.a $(O)/lib/libcommon.a $$(XML_LIBS) $$(ELF_LIBS)
endef
$(foreach m,$(MUTANTS),$(eval $(call mutant,$(firstword $(subst =, ,$(m))),$(lastword $(subst =, ,$(m))))))

MUTANT_PROGRAMS := $(addprefix $(MUTANT_DIR)/early_vm_init.,$(MUTANT_NAMES))
