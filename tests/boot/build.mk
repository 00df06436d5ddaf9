# SPDX-License-Identifier: Apache-2.0
# early_vm_init in test machines: what it refuses, what comes late, what fails, and how it is PID 1.  The clients are
# those of tests/enforcement.

include tests/boot/mutants.mk

BOOT_ROOT  := $(O)/boot/root
BOOT_TOOLS := $(addprefix $(O)/boot/,bpf_fails hanging_fs same_time generation inherit without_openat2)
BOOT_FILES := $(wildcard tests/boot/root/enf/*) $(addprefix tests/boot/,inside.sh refusals late faults first switched locked faulty-init identities inherited leftovers mutants) $(BOOT_TOOLS) $(O)/boot/same_code $(O)/boot/paused_init $(MUTANT_PROGRAMS)

$(BOOT_TOOLS): $(O)/boot/%: $(O)/obj/tests/boot/%.o $(O)/lib/libcommon.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(LINK_STATIC) $(LDFLAGS_ALL) -s -o $@ $^

# Its second set of the policy's skeletons is run by the kernel.
SKELETON_LOADERS := policy_full_load policy_no_compat_load policy_no_vsock_load policy_bare_load iterators_load lockout_load lockout_lsm_load lockout_audited_load lockout_audited_no_compat_load $(addsuffix _load,$(LOCKOUT_IOCTL))
$(O)/boot/policy_by_kernel.o: userspace/init/policy_variants.c $(O)/obj/userspace/init/policy_variants.o
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(ALL_CFLAGS) -DKERNEL_RUNS_SKELETONS $(foreach f,$(SKELETON_LOADERS),-D$(f)=kernel_$(f)) -c -o $@ $<
$(O)/boot/same_code: $(O)/obj/tests/boot/same_code.o $(O)/boot/policy_by_kernel.o $(O)/lib/libinit.a $(O)/lib/libcommon.a
	$(call say,LINK,$@)$(CC) $(LINK_STATIC) $(LDFLAGS_ALL) -s -o $@ $^

# early_vm_init whose loader fails while ftrace is paused.
$(O)/boot/paused_init: $(addprefix $(O)/obj/userspace/init/,main.o policy_variants.o) $(O)/obj/tests/boot/paused_init.o $(O)/lib/libinit.a $(O)/lib/libcommon.a \
                       $(LEAN_LIBXML2)
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(LINK_STATIC) $(LDFLAGS_ALL) -Wl,--wrap=bpf_sys_pin -s -o $@ $(filter-out $(LEAN_LIBXML2),$(filter %main.o %variants.o %paused_init.o %.a,$^)) $(XML_LIBS) $(ELF_LIBS)

$(eval $(call bpf_object,bpf_fails,tests/boot/bpf_fails.bpf.c,))
$(O)/obj/tests/boot/bpf_fails.o: $(O)/gen/bpf_fails.lskel.h

$(O)/boot/stamp: $(BOOT_FILES)
	$(Q)rm -rf $(BOOT_ROOT) && mkdir -p $(BOOT_ROOT)/enf $(BOOT_ROOT)/etc/avf && cp $(BOOT_FILES) $(BOOT_ROOT)/enf/ && \
	  mv $(BOOT_ROOT)/enf/early_vm_policy.xml $(BOOT_ROOT)/etc/avf/ && chmod -R u=rwX,go=rX $(BOOT_ROOT) && \
	  mkdir -p $(BOOT_ROOT)/usr/sbin && ln -s vm-init $(BOOT_ROOT)/usr/sbin/init && touch $@

# An initramfs with a client of its own, and files for a partition that is mounted there; sealed there, or later.
INITRAMFS := $(O)/boot/initramfs
$(INITRAMFS)-%.cpio: $(addprefix tests/boot/initramfs/,init next early_vms.xml early_vms_vendor.xml policy_sealed.xml policy_later.xml) \
                     $(O)/enforcement/actor $(O)/bin/early_vm_init
	$(call say,CPIO,$@)rm -rf $(INITRAMFS)-$* && mkdir -p $(INITRAMFS)-$* && cd $(INITRAMFS)-$* && \
	  mkdir -p bin dev etc/avf newroot proc sbin sys system/bin system/etc/avf vendor vendor-files/bin vendor-files/etc/avf && \
	  cp $(CURDIR)/tests/boot/initramfs/init $(CURDIR)/tests/boot/initramfs/next . && cp $(if $(FOREIGN),$(SYSROOT)/bin/busybox,$$(command -v busybox)) bin/ && \
	  cp $(CURDIR)/$(O)/bin/early_vm_init sbin/ && cp $(CURDIR)/$(O)/enforcement/actor system/bin/client_a && \
	  cp $(CURDIR)/$(O)/enforcement/actor vendor-files/bin/client_late && \
	  cp $(CURDIR)/tests/boot/initramfs/policy_$*.xml etc/avf/early_vm_policy.xml && \
	  cp $(CURDIR)/tests/boot/initramfs/early_vms.xml system/etc/avf/early_vms.xml && \
	  cp $(CURDIR)/tests/boot/initramfs/early_vms_vendor.xml vendor-files/etc/avf/early_vms.xml && \
	  chmod -R u=rwX,go=rX . && find . | cpio --quiet -o -H newc -R 0:0 >$(CURDIR)/$@

# `make check` takes each kernel as a check of its own, and what depends on none as one more: so no processor has to wait for
# another one at the end.  They are called as their results are (kernel_name of tests/vm/kernels.sh).
init_part    = $(if $(wildcard $(1)),$(shell bash -c '. tests/vm/kernels.sh && MODULES="$(MODULES)" kernel_name "$(1)"'),$(1))
INIT_PARTS  := $(foreach kernel,$(VM_KERNELS),$(call init_part,$(kernel))) $(if $(filter x86_64,$(ARCH)),any)
INIT_CHECKS := $(addprefix check-init-,$(INIT_PARTS))
# What check-arm64-full adds to the short list of arm64.
INIT_MORE   := $(if $(filter arm64,$(ARCH)),check-init-more)
.PHONY: check-init $(INIT_CHECKS) $(INIT_MORE)
check-init $(INIT_CHECKS) $(INIT_MORE): vm-root $(INITRAMFS)-sealed.cpio $(INITRAMFS)-later.cpio $(O)/boot/stamp $(O)/enforcement/stamp $(addprefix $(O)/bin/,early_vm_init early_vmctl)
check-init:
	@tests/boot/check all $(VM_KERNELS)
$(INIT_CHECKS) $(INIT_MORE): check-init-%:
	@tests/boot/check $* $(VM_KERNELS)

CHECK_PARTS += $(INITRAMFS)-sealed.cpio $(INITRAMFS)-later.cpio $(O)/boot/stamp
CHECKS += $(INIT_CHECKS)
