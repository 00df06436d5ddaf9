/* SPDX-License-Identifier: Apache-2.0 */
/* Steps on an open /dev/vhost-vsock: claim a CID, run, in both ioctl ABIs. */
#include "vhost.h"

#include <errno.h>
#include <linux/vhost.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "actor.h"
#include "kvm.h"

static int request(unsigned long command, const void *argument)
{
	return ioctl(FD_CURRENT, command, argument) < 0 ? -errno : 0;
}

int vhost_set_cid(const volatile uint64_t *cid)
{
	return ioctl(FD_CURRENT, VHOST_VSOCK_SET_GUEST_CID, cid) < 0 ? -errno : 0;
}

int vhost_set_running(int running)
{
	return request(VHOST_VSOCK_SET_RUNNING, &running);
}

enum { QUEUE_ENTRIES = 16, MEMORY_BYTES = 1 << 16 };

static int prepare_queue(unsigned int index, uintptr_t memory)
{
	/* 4 KiB each: more than any of them has, and far enough apart for any alignment. */
	struct vhost_vring_addr address = {
		.index = index,
		.desc_user_addr = memory,
		.avail_user_addr = memory + 4096,
		.used_user_addr = memory + 8192,
	};
	struct vhost_vring_state entries = { .index = index, .num = QUEUE_ENTRIES }, base = { .index = index };
	int r = request(VHOST_SET_VRING_NUM, &entries);

	if (!r)
		r = request(VHOST_SET_VRING_BASE, &base);
	return r ? r : request(VHOST_SET_VRING_ADDR, &address);
}

int vhost_prepare(void)
{
	void *memory = mmap(NULL, MEMORY_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char room[sizeof(struct vhost_memory) + sizeof(struct vhost_memory_region)] = {};
	struct vhost_memory *table = (struct vhost_memory *)(void *)room;
	int r;

	if (memory == MAP_FAILED)
		return -errno;
	table->nregions = 1;
	table->regions[0].memory_size = MEMORY_BYTES;
	table->regions[0].userspace_addr = (uintptr_t)memory;
	r = request(VHOST_SET_OWNER, NULL);
	if (!r)
		r = request(VHOST_SET_MEM_TABLE, table);
	for (unsigned int i = 0; !r && i < 2; i++)
		r = prepare_queue(i, (uintptr_t)memory + i * (MEMORY_BYTES / 2));
	return r;
}

static int set_owner(char *argument)
{
	(void)argument;
	return request(VHOST_SET_OWNER, NULL);
}

static int prepare(char *argument)
{
	(void)argument;
	return vhost_prepare();
}

static int set_cid(char *argument)
{
	uint64_t cid = strtoull(argument, NULL, 0);

	return vhost_set_cid(&cid);
}

/* The CID lies where nothing is. */
static int set_cid_nowhere(char *argument)
{
	(void)argument;
	return request(VHOST_VSOCK_SET_GUEST_CID, (void *)8);
}

/* The CID lies on a page that is not there before the kernel reads it. */
static int set_cid_late(char *argument)
{
	uint64_t cid = strtoull(argument, NULL, 0), *page;
	int fd = memfd_create("cid", MFD_CLOEXEC);

	if (fd < 0 || pwrite(fd, &cid, sizeof(cid), 0) != sizeof(cid))
		return -errno;
	page = mmap(NULL, sizeof(cid), PROT_READ, MAP_SHARED, fd, 0);
	return page == MAP_FAILED ? -errno : vhost_set_cid(page);
}

static int run(char *argument)
{
	return vhost_set_running(atoi(argument));
}

#ifdef __x86_64__
/* An ioctl as a 32-bit program makes it: through int 0x80, whose argument has 32 bits. */
static int request_32(unsigned long command, unsigned long argument)
{
	enum { I386_IOCTL = 54 }; /* arch/x86/entry/syscalls/syscall_32.tbl */
	int r;

	__asm__ volatile("int $0x80"
			 : "=a"(r)
			 : "a"(I386_IOCTL), "b"(FD_CURRENT), "c"(command), "d"(argument)
			 : "memory", "r8", "r9", "r10", "r11");
	return r < 0 ? r : 0;
}
#elif !defined(__LP64__)
enum { MAP_32BIT = 0 };

static int request_32(unsigned long command, unsigned long argument)
{
	return request(command, (const void *)argument);
}
#endif

#if defined(__x86_64__) || !defined(__LP64__)
static int request_word_32(unsigned long command, uint64_t value)
{
	uint64_t *word =
		mmap(NULL, sizeof(value), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	if (word == MAP_FAILED)
		return -errno;
	*word = value;
	return request_32(command, (uintptr_t)word);
}

static int set_cid_32(char *argument)
{
	return request_word_32(VHOST_VSOCK_SET_GUEST_CID, strtoull(argument, NULL, 0));
}

static int run_32(char *argument)
{
	return request_word_32(VHOST_VSOCK_SET_RUNNING, strtoull(argument, NULL, 0));
}

static int set_owner_32(char *argument)
{
	(void)argument;
	return request_32(VHOST_SET_OWNER, 0);
}

static int create_vm_32(char *argument)
{
	(void)argument;
	return request_32(KVM_CREATE_VM, 0);
}
#endif

const struct step vhost_steps[] = {
	{ "set-owner", set_owner },
	{ "prepare", prepare },
	{ "set-cid", set_cid },
	{ "set-cid-nowhere", set_cid_nowhere },
	{ "set-cid-late", set_cid_late },
	{ "run", run },
#if defined(__x86_64__) || !defined(__LP64__)
	{ "set-cid-32", set_cid_32 },
	{ "run-32", run_32 },
	{ "set-owner-32", set_owner_32 },
	{ "create-vm-32", create_vm_32 },
#endif
	{},
};
