/* SPDX-License-Identifier: Apache-2.0 */
/* For programs that write examples: one message of each kind, with all of its fields. */
#ifndef TESTS_FUZZ_MESSAGES_H
#define TESTS_FUZZ_MESSAGES_H

#include "early_vm/protocol.h"

enum { EXAMPLE_FD = 3 }; /* any number: descriptors are not in the bytes */

static inline void example_fill(struct evm_message *message, enum evm_message_type type)
{
	evm_message_init(message, type, 1);
	strcpy(message->name, "name");
	strcpy(message->params, "console=ttyS0");
	strcpy(message->text, "words");
	strcpy(message->path, "/system/bin/client");
	strcpy(message->cpu_affinity, "0,2-3");
	strcpy(message->task_profiles, "ProcessCapacityHigh");
	message->detect_hangup = message->held = 1;
	message->manager_pid = message->vmm_pid = message->client_pid = message->client_uid = 1000;
	message->size = 4096;
	message->memory_mib = 64;
	message->cpu_topology = EVM_CPU_COUNT;
	message->vcpu_count = 2;
	message->protected_vm = 1;
	message->cid = 100;
	message->state = EVM_STATE_READY;
	message->reason = 5;
	message->value = 3;
	message->swiotlb_mib = 8;
	message->port = 2000;
	memset(message->instance_id, 0xff, sizeof(message->instance_id));
	message->disk_count = 2;
	message->disks[0] = (struct evm_disk){ EXAMPLE_FD, 1 };
	message->disks[1] = (struct evm_disk){ EXAMPLE_FD, 0 };
	message->memory_file_count = 1;
	message->memory_files[0] = (struct evm_memory_file){ 0x100000, 0x200000, EXAMPLE_FD };
	message->kernel = message->initrd = message->console = message->console_in = EXAMPLE_FD;
	message->log = message->device_tree_overlay = message->connection = EXAMPLE_FD;
	message->bootloader = message->partition = EXAMPLE_FD;
}

/* The message with all fields that TYPE has. */
static inline struct evm_packet example_packet(enum evm_message_type type)
{
	struct evm_message message;
	struct evm_packet packet;

	example_fill(&message, type);
	if (evm_encode(&message, &packet) < 0)
		errx(1, "no message of type %d can be made", type);
	return packet;
}

#endif
