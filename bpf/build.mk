# SPDX-License-Identifier: Apache-2.0
# The policy: one source, compiled by clang and turned into light skeletons (the object itself becomes a small
# loader program; no libbpf and no ELF parser are needed at boot).  Making a skeleton loads nothing.

BPF_CFLAGS := -target bpf -O2 -g -Wall -Wextra -Werror -Iinclude -I/usr/include/$(shell $(CC) -dumpmachine)

# $(call policy,NAME,DEFINES): a variant of the policy and its skeleton.  The kernel refuses a whole object when one
# function to attach to is absent, so what may be absent is a variant and not an option.
define policy
$(O)/bpf/$(1).bpf.o: bpf/policy.bpf.c
	@mkdir -p $$(@D)
	$$(call say,CLANG,$$@)$$(CLANG) $$(BPF_CFLAGS) $(2) -MMD -MP -c -o $$@.tmp $$< && $$(LLVM_STRIP) -g -o $$@ $$@.tmp && rm -f $$@.tmp && \
	  mv -f $$(@:.o=.o.d) $$(@:.o=.d) 2>/dev/null; test -f $$@
$(O)/gen/$(1).lskel.h: $(O)/bpf/$(1).bpf.o
	@mkdir -p $$(@D)
	$$(call say,SKEL,$$@)$$(BPFTOOL) gen skeleton -L $$< name $(1) >$$@
$(O)/obj/userspace/init/policy_variants.o: $(O)/gen/$(1).lskel.h
endef
-include $(wildcard $(O)/bpf/*.d)
