/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VMM back ends: what differs between crosvm and QEMU, as a table of functions.  A further one is one more file and one
 * more row in common/vmm_kinds.h.
 *
 * check, build and read_exit are pure functions on plain data.  Descriptors are numbers to them: build notes which ones
 * the VMM inherits, and writes the numbers that they will have there.
 */
#ifndef VIRTMGR_VMM_H
#define VIRTMGR_VMM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/platform_policy.h"
#include "virtmgr/vmm_exit.h"
#include "virtmgr/process.h"
#include "virtmgr/refusal.h"
#include "virtmgr/vmm/qmp.h"

enum { VMM_MAX_ARGUMENTS = 512, VM_DEFAULT_MEMORY_MIB = 256 };

/* What command lines depend on. */
enum vmm_arch {
	ARCH_X86_64,
	ARCH_AARCH64,
};

#ifdef __aarch64__
#define VMM_HOST_ARCH ARCH_AARCH64
#else
#define VMM_HOST_ARCH ARCH_X86_64
#endif

/* A file that is a part of a disk; the parts lie one after another. */
struct vm_disk_part {
	/* borrowed from the disk or the partition that it belongs to; the same one may occur several times */
	int fd;
	uint64_t offset; /* in bytes from the beginning of the disk */
	bool writable;
};

enum vm_disk_format { VM_DISK_RAW, VM_DISK_QCOW2, VM_DISK_ANDROID_SPARSE };

/* A disk: an image, or several files that virtmgr/disk_assembly.h makes one disk of. */
struct vm_disk {
	int fd;                     /* the image; of several files, that which describes them */
	bool writable;              /* for the guest */
	bool is_read_write;         /* how FD is open, whether the disk is writable or not */
	enum vm_disk_format format; /* of an image */
	int header, footer;         /* partition tables before and after the partitions, or -1 */
	struct vm_disk_part *parts; /* owned; NULL: FD is an image */
	size_t part_count;
	uint64_t size; /* of all parts together */
};

/* One VM, ready to be run.  Strings may be NULL, descriptors -1 when there is none. */
struct vm_config {
	const char *name;
	uint32_t cid;
	bool protected_vm;
	uint32_t memory_mib;  /* 0: the default */
	uint32_t swiotlb_mib; /* 0: the VMM's choice */
	uint32_t cpus;        /* 0: the VMM's default, one */
	bool match_host_cpus; /* CPUS is then the number that the host has */
	const char *cpu_affinity;
	const char *task_profiles; /* separated by commas */
	const char *params;
	int kernel;
	int initrd;
	int bootloader;
	int console;
	int log;
	int failure; /* write end of the failure pipe */
	int control; /* the VMM's end of the control channel, or -1 */
	int console_in;
	int device_tree_overlay;                         /* the client's */
	int instance_id_overlay;                         /* made by the manager */
	int device_tree;                                 /* with both in it, where the VMM can't apply them; or -1 */
	char instance_id[2 * EVM_INSTANCE_ID_BYTES + 1]; /* the same ID in hexadecimal digits; "": none */
	struct vm_disk disks[EVM_MAX_DISKS];
	size_t disk_count;
	struct evm_partition partitions[EVM_MAX_PARTITIONS]; /* as the client asks for them */
	size_t partition_count;
	int zero_filler; /* fills partitions up to whole units; shared by all disks, or -1 */
	struct evm_memory_file memory_files[EVM_MAX_MEMORY_FILES];
	size_t memory_file_count;
};

/* How the VMM is run.  Strings are owned; descriptors are the caller's. */
struct vmm_command {
	char *argv[VMM_MAX_ARGUMENTS + 1];
	size_t argc;
	int fds[PROCESS_MAX_FDS];
	size_t fd_count;
	int error; /* the first error of building, 0 so far */
};

/* The control channel of a running VMM. */
struct vmm_channel {
	int vmm_end;   /* to be inherited; closed after the start */
	int own_end;   /* readable when the VMM sent something */
	int directory; /* the VM's directory; the instance's */
	bool gave_up;  /* set by hear: the VM can't go on */
	bool asked;    /* the VMM was asked to end */
	struct qmp qmp;
};

#define VMM_CHANNEL_NONE ((struct vmm_channel){ .vmm_end = -1, .own_end = -1, .directory = -1 })

struct vmm_backend {
	const char *name;

	/* Whether the guest gets a log besides its console. */
	bool has_log;

	/*
	 * Whether this VMM opens files by their paths where crosvm takes inherited descriptors: then the console goes through a
	 * pipe of the manager's, and images are made such that they can be opened (openable_image.h).
	 */
	bool opens_paths;

	/* Rejects what this VMM can't do.  0 or a negative errno with REFUSAL filled. */
	int (*check)(const struct vm_config *config, enum vmm_arch arch, struct refusal *refusal);

	/* Writes the command line for the VMM that lies at PATH. */
	void (*build)(const struct vm_config *config, enum vmm_arch arch, const char *path,
		      struct vmm_command *command);

	/*
	 * Of a VMM that can't apply overlays to the guest's device tree: writes the command line of a run that does nothing but write the
	 * tree of the machine that build() describes, to the file DEVICE_TREE_NAME (device_tree.h) of DIRECTORY.  NULL: it applies them
	 * itself.
	 */
	void (*build_device_tree)(const struct vm_config *config, enum vmm_arch arch, const char *path, int directory,
				  struct vmm_command *command);

	/* Makes the channel for a VM that is about to start.  0 or a negative errno; leaves CHANNEL consistent. */
	int (*open_channel)(struct vmm_channel *channel);

	/*
	 * The content of the file that describes DISK, which has parts, to this VMM: names that COMMAND has for their descriptors, each of
	 * which it inherits.  Freed by the caller.  0 or a negative errno.
	 */
	int (*describe_disk)(const struct vm_disk *disk, struct vmm_command *command, uint8_t **ret, size_t *ret_size);

	/* Asks the VMM to end now.  0: it was asked; a negative errno: it has to be killed. */
	int (*ask_to_stop)(struct vmm_channel *channel);

	/*
	 * Handles bytes from the VMM; sets gave_up when the VM has stopped for an error, so that it has to be killed.
	 */
	void (*hear)(struct vmm_channel *channel, const char *bytes, size_t length);

	/* What exit status STATUS means. */
	void (*read_exit)(const struct vmm_channel *channel, int status, struct death *ret);
};

#define X(name, word, backend) extern const struct vmm_backend backend;
VMM_KINDS(X)
#undef X

const struct vmm_backend *vmm_backend_of(enum vmm_kind kind);

/*
 * The first VMM of POLICY that is there and can be executed below ROOT; it belongs to POLICY.  NULL with REFUSAL filled.
 */
const struct vmm_path *vmm_choose(const char *root, const struct platform_policy *policy, struct refusal *refusal);

/* Rejects a configuration that is invalid for any VMM, or that VMM can't run.  0 or a negative errno. */
int vm_config_check(const struct vm_config *config, enum vmm_arch arch, const struct vmm_backend *vmm,
		    struct refusal *refusal);

/*
 * Builds the command line.  Returns 0, -ENOMEM or -E2BIG.  The caller frees RET with vmm_command_free, also on failure.
 */
int vmm_command_build(const struct vm_config *config, enum vmm_arch arch, const struct vmm_backend *vmm,
		      const char *path, struct vmm_command *ret);
void vmm_command_free(struct vmm_command *command);

/* Whether VMM has to write its machine's device tree before the VM can start, as there is something to apply to it. */
bool vmm_needs_device_tree(const struct vm_config *config, enum vmm_arch arch, const struct vmm_backend *vmm);

/* For back ends: a feature that a VMM lacks, and the text of the rejection. */
struct unsupported {
	bool asked;
	const char *text;
};

/* For back ends: rejects the first of COUNT that was requested. */
int vmm_turn_down(const struct unsupported list[], size_t count, struct refusal *refusal);

/* For back ends: appends an argument. */
void vmm_add(struct vmm_command *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* For back ends: lets the VMM inherit FD; returns its number there.  The same descriptor keeps its number. */
int vmm_inherit(struct vmm_command *command, int fd);

/* Closes both ends. */
void vmm_channel_close(struct vmm_channel *channel);

#endif
