/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client of a manager: starts it, sends requests, receives answers and notices.
 *
 * The manager is a child process that serves this connection alone and ends, with its VMs, when the connection is closed.
 * It identifies its client by its parent's executable: so it must be started by the listed binary itself, and by the
 * process that goes on using it.
 *
 * Nothing here logs: errors are returned, see evm_client_error.  Not thread-safe on the same client.
 */
#ifndef LIBAVF_MANAGER_CLIENT_H
#define LIBAVF_MANAGER_CLIENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "early_vm/death_reason.h"
#include "early_vm/protocol.h"

/* The platform's policy file, which may list other managers than the default ones. */
#define EVM_POLICY_FILE "/etc/avf/early_vm_policy.xml"

/* How a VM ended. */
struct evm_end {
	uint32_t cid;
	uint32_t reason; /* enum evm_death_reason, or a number of a newer manager */
	char text[EVM_MAX_TEXT_BYTES + 1];
};

/* What a VM's guest reported. */
struct evm_event {
	uint32_t cid;
	enum evm_event_type type;
	int32_t value; /* the exit code of EVM_PAYLOAD_FINISHED, the code of EVM_PAYLOAD_ERROR */
	/* of EVM_PAYLOAD_ERROR and EVM_PAYLOAD_LOG, printable; valid during the call, "" otherwise */
	const char *text;
};

struct kept_end;

typedef void (*evm_end_handler)(const struct evm_end *end, void *data);
typedef void (*evm_event_handler)(const struct evm_event *event, void *data);

struct evm_client {
	int connection;
	pid_t manager;  /* the child process, or -1 */
	int manager_fd; /* its pidfd; see evm_client_manager_fd */
	bool has_held;  /* a VM was held: the manager may not end with the connection */
	uint32_t last_request;
	enum evm_status status;             /* of the answer to the last request; EVM_STATUS_OK without one */
	char error[EVM_MAX_TEXT_BYTES + 1]; /* what the last failure was, in words */
	struct kept_end *ends;              /* told by the manager and not yet fetched, the newest first */
	size_t end_count;
	evm_end_handler on_end;
	void *end_data;
	evm_event_handler on_event;
	void *event_data;
};

/* What a VM does. */
struct evm_vm_status {
	enum evm_vm_state state;
	uint32_t reason;   /* of one that is dead: enum evm_death_reason */
	int32_t exit_code; /* of a payload that has finished; 0 before */
};

/* What a VM is made of.  Pointers may be NULL, descriptors -1 when absent. */
struct evm_vm_config {
	const char *name; /* as in early_vms.xml; required */
	const char *params;
	uint32_t memory_mib; /* 0: 256 */
	enum evm_cpu_topology cpu_topology;
	uint32_t vcpu_count; /* for EVM_CPU_COUNT */
	bool protected_vm;
	int kernel; /* descriptors stay the caller's, and may be closed after evm_client_create_vm */
	int initrd;
	int bootloader; /* instead of the two before */
	int console;    /* gets what the guest writes on its console; -1: the manager's log, line by line */
	int console_in;
	int log; /* gets what the guest writes on its log, as console */
	int device_tree_overlay;
	uint32_t swiotlb_mib;     /* 0: the VMM's choice */
	bool detect_hangup;       /* the payload will report that it started; a VM that keeps silent is killed */
	const char *cpu_affinity; /* as struct evm_message has them, and the next */
	const char *task_profiles;
	const uint8_t *instance_id; /* EVM_INSTANCE_ID_BYTES */
	const struct evm_disk *disks;
	size_t disk_count;
	const struct evm_partition *partitions; /* of those disks that have no image */
	size_t partition_count;
	const struct evm_memory_file *memory_files;
	size_t memory_file_count;
};

/* clang-format off */
/* The initial value: nothing of all that. */
#define EVM_VM_CONFIG_NONE \
	{ .kernel = -1, .initrd = -1, .bootloader = -1, .console = -1, .console_in = -1, .log = -1, .device_tree_overlay = -1 }
/* clang-format on */

/*
 * Starts the first manager of PATHS (NULL-terminated) that exists and waits until it accepts requests.  PATHS may be NULL:
 * those of the platform's policy, or the default ones (libavf/manager_path.h).
 * Returns 0, or a negative errno: -ENOENT none exists; -ECONNREFUSED it ended before it was ready (and logged why);
 * others when it can't be run.  RET->error holds words for it in each case.  evm_client_close releases RET on success.
 */
int evm_client_start(const char *const paths[], struct evm_client *ret);

/* The pidfd of the manager, which polls as readable when it has ended; -1: CLIENT did not start it. */
int evm_client_manager_fd(const struct evm_client *client);

/*
 * HANDLER is called with DATA for each event, from within the requests and evm_client_wait, which receive it; NULL: events are
 * thrown away, as before the first call.  It must not use CLIENT.
 */
void evm_client_set_event_handler(struct evm_client *client, evm_event_handler handler, void *data);

/* HANDLER gets the end of each VM, in the same way; evm_client_wait does not return it then. */
void evm_client_set_end_handler(struct evm_client *client, evm_end_handler handler, void *data);

/*
 * Receives the notices that have arrived, without waiting, and calls the handlers.  0, -ECONNRESET: the manager has ended,
 * or -EPROTO.
 */
int evm_client_receive_notices(struct evm_client *client);

/*
 * Closes the connection, which ends all VMs of the client but those that are held, and waits until they and the manager have
 * ended.  A manager that was asked to hold a VM is not waited for: after its end it is a zombie of this process.
 */
void evm_client_close(struct evm_client *client);

/*
 * Requests.  0, or a negative errno: what evm_status_errno makes of the manager's status, or -ECONNRESET when the
 * manager has ended, -EPROTO when its answer can't be understood, -EINVAL for a name, parameters too long for a message.
 */
int evm_client_create_vm(struct evm_client *client, const struct evm_vm_config *config, uint32_t *ret_cid);
int evm_client_start_vm(struct evm_client *client, uint32_t cid);
int evm_client_stop_vm(struct evm_client *client, uint32_t cid);
int evm_client_drop_vm(struct evm_client *client, uint32_t cid);
int evm_client_get_state(struct evm_client *client, uint32_t cid, struct evm_vm_status *ret);

/* Whether the VMM that the manager would start can run protected VMs; whether KVM can, the manager may not ask. */
int evm_client_get_capabilities(struct evm_client *client, bool *ret_protected_vms);

/*
 * A VM that runs and is held does not end with the connection; its manager stays as long.  It ends by itself, or is stopped when
 * someone asks for it not to be held any more (common/vm_info.h, early_vmctl).
 */
int evm_client_hold_vm(struct evm_client *client, uint32_t cid);
int evm_client_unhold_vm(struct evm_client *client, uint32_t cid);

/* The VM with the lowest CID that is FROM or higher, among those of all managers of this user; -ENOENT: there is none. */
int evm_client_list_vms(struct evm_client *client, uint32_t from, struct evm_message *ret);

/*
 * Makes the file FD, which stays the caller's, an empty partition of SIZE bytes, rounded up to whole pages of 4096; what it
 * held is lost.
 */
int evm_client_initialize_partition(struct evm_client *client, int fd, uint64_t size, enum evm_partition_type type);

/* Makes IDSIG the idsig file of APK, unless it is; both stay the caller's. */
int evm_client_create_or_update_idsig(struct evm_client *client, int apk, int idsig);

/* The same; *RET_FD is a stream that is connected to PORT of the guest, and the caller's. */
int evm_client_connect_vsock(struct evm_client *client, uint32_t cid, uint32_t port, int *ret_fd);

/*
 * Waits until the VM with this CID, which was started, has ended; at most TIMEOUT_MS milliseconds, -1 for ever.
 * 0; -ETIMEDOUT; -ECONNRESET: the manager has ended, and the VM with it.  Each end is returned once.
 */
int evm_client_wait(struct evm_client *client, uint32_t cid, int timeout_ms, struct evm_end *ret);

/* The message of the last failure, the manager's or this library's.  Valid until the next call. */
const char *evm_client_error(const struct evm_client *client);

#endif
