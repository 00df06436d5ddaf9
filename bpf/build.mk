# SPDX-License-Identifier: Apache-2.0
# The policy: one source, compiled by clang and turned into light skeletons (the object itself becomes a small
# loader program; no libbpf and no ELF parser are needed at boot).  Making a skeleton loads nothing.

BPF_CFLAGS := -target bpf -mcpu=v3 -O2 -g -Wall -Wextra -Wno-unused-parameter -Werror -Iinclude -I$(patsubst %/,%,$(SYSROOT))/usr/include/$(shell $(CC) -dumpmachine)

# $(call bpf_object,NAME,SOURCE,DEFINES): an object and its skeleton.  Only programs are global functions: any other could be replaced
# (freplace) by a program that is moved to it when it is linked.  And no more than 32 functions, for which libbpf's loader has room
# (gen_loader.c, MAX_USED_PROGS): with more it reads beyond its stack, and the kernel rejects it.
define bpf_object
$(O)/bpf/$(1).bpf.o: $(2)
	@mkdir -p $$(@D)
	$$(call say,CLANG,$$@)$$(CLANG) $$(BPF_CFLAGS) $(3) -MMD -MP -MF $$(@:.o=.d) -MT $$@ -c -o $$@ $$< && $$(LLVM_STRIP) -g $$@ && \
	  if readelf -sW $$@ | awk -v text=$$$$(readelf -SW $$@ | sed -n "s/.*\[ *\([0-9]*\)\] \.text .*/\1/p") \
	    '$$$$4 == "FUNC" && $$$$5 == "GLOBAL" && $$$$7 == text { print "$$<: " $$$$8 " is global, so an extension could replace it"; found = 1 } \
	     $$$$4 == "FUNC" && ++count == 33 { print "$$<: more than 32 functions: make one of two"; found = 1 } END { exit !found }'; \
	  then rm -f $$@; exit 1; fi
$(O)/gen/$(1).lskel.h: $(O)/bpf/$(1).bpf.o
	@mkdir -p $$(@D)
	$$(call say,SKEL,$$@)$$(BPFTOOL) gen skeleton -L $$< name $(1) >$$@
endef

# The kernel refuses a whole object when one function to attach to is absent, so what may be absent makes a variant.
$(eval $(call bpf_object,policy_full,bpf/policy.bpf.c,))
$(eval $(call bpf_object,policy_no_compat,bpf/policy.bpf.c,-DWITHOUT_IOCTL_COMPAT))
$(eval $(call bpf_object,policy_no_vsock,bpf/policy.bpf.c,-DHAVE_VHOST_VSOCK=0))
$(eval $(call bpf_object,policy_bare,bpf/policy.bpf.c,-DHAVE_VHOST_VSOCK=0 -DWITHOUT_IOCTL_COMPAT))
$(eval $(call bpf_object,iterators,bpf/iterators.bpf.c,))
$(eval $(call bpf_object,lockout,bpf/lockout.bpf.c,))
$(eval $(call bpf_object,lockout_lsm,bpf/lockout_lsm.bpf.c,))
$(eval $(call bpf_object,lockout_audited,bpf/lockout_audited.bpf.c,))
$(eval $(call bpf_object,lockout_audited_no_compat,bpf/lockout_audited.bpf.c,-DWITHOUT_IOCTL_COMPAT))
$(eval $(call bpf_object,lockout_ioctl,bpf/lockout_ioctl.bpf.c,))
$(eval $(call bpf_object,lockout_ioctl_lsm,bpf/lockout_ioctl.bpf.c,-DAS_LSM))
$(eval $(call bpf_object,lockout_ioctl_32,bpf/lockout_ioctl.bpf.c,-DIOCTL_COMPAT))
$(eval $(call bpf_object,lockout_ioctl_32_lsm,bpf/lockout_ioctl.bpf.c,-DIOCTL_COMPAT -DAS_LSM))
LOCKOUT_IOCTL := lockout_ioctl lockout_ioctl_lsm lockout_ioctl_32 lockout_ioctl_32_lsm
$(O)/obj/userspace/init/policy_variants.o: $(foreach v,policy_full policy_no_compat policy_no_vsock policy_bare iterators lockout lockout_lsm lockout_audited lockout_audited_no_compat $(LOCKOUT_IOCTL),$(O)/gen/$(v).lskel.h)

-include $(wildcard $(O)/bpf/*.d)
