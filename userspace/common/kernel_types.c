/* SPDX-License-Identifier: Apache-2.0 */
#include "common/kernel_types.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "common/bpf_sys.h"
#include "common/cleanup.h"
#include "common/kernel_needs.h"
#include "common/log.h"

#define MODULE "vhost_vsock"
enum { MAX_BYTES = 256 << 20 };

struct known_types {
	char *data;    /* NULL: not read yet */
	size_t mapped; /* bytes, where the data is a mapping of the kernel's own; 0: it was read into memory */
	struct btf_types types;
};
static struct known_types kernel, module;
static int module_fd = -1; /* while MODULE is known */

static int say(const char *what, int error)
{
	log_error("can't read the types of the kernel in %s: %s", what,
		  error == -EBADMSG ? "they are not understood" : strerror(-error));
	return error;
}

/* --- the kernel -------------------------------------------------------------------------------------------------------- */

/*
 * From 6.16 on the kernel's file can be mapped, which saves some megabytes; what follows its end in the last page is readable.  One of
 * another file system, mounted in its place, could change after it was checked.
 */
static bool map_file(int fd, size_t bytes, char **ret)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct statfs fs;
	char *data;

	if (-bytes % page < BTF_PADDING || fstatfs(fd, &fs) || fs.f_type != SYSFS_MAGIC)
		return false;
	data = mmap(NULL, bytes, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED)
		return false;
	*ret = data;
	return true;
}

static int read_file(int fd, size_t bytes, char **ret)
{
	_cleanup_free_ char *data = malloc(bytes + BTF_PADDING);
	size_t done = 0;

	if (!data)
		return -ENOMEM;
	while (done < bytes) {
		ssize_t n = read(fd, data + done, bytes - done);

		if (n <= 0)
			return n ? -errno : -EBADMSG;
		done += (size_t)n;
	}
	memset(data + bytes, 0, BTF_PADDING);
	*ret = steal_pointer(data);
	return 0;
}

static void forget(struct known_types *known)
{
	btf_types_free(&known->types);
	if (known->mapped)
		munmap(known->data, known->mapped);
	else
		free(known->data);
	*known = (struct known_types){};
}

static int read_kernel_file(struct known_types *ret)
{
	_cleanup_close_ int fd = open(KERNEL_TYPES_FILE, O_RDONLY | O_CLOEXEC);
	struct stat st;
	size_t bytes;
	int r = 0;

	if (fd < 0 || fstat(fd, &st))
		return -errno;
	if (st.st_size > MAX_BYTES)
		return -EFBIG;
	bytes = (size_t)st.st_size;
	if (map_file(fd, bytes, &ret->data))
		ret->mapped = bytes;
	else
		r = read_file(fd, bytes, &ret->data);
	return r ? r : btf_types_read(ret->data, bytes, NULL, true, &ret->types);
}

static int read_kernel(void)
{
	int r;

	if (kernel.data)
		return 0;
	r = read_kernel_file(&kernel);
	if (!r)
		return 0;
	forget(&kernel);
	return say(KERNEL_TYPES_FILE, r);
}

/* --- its module -------------------------------------------------------------------------------------------------------- */

/* The descriptor of the module's types.  -ENOENT: it is not loaded, or built in. */
static int open_module(void)
{
	uint32_t id = 0;
	int r;

	while ((r = bpf_sys_next_btf(id, &id)) == 0) {
		char name[sizeof(MODULE) + 1] = "";
		struct bpf_btf_info info = { .name = (uint64_t)(uintptr_t)name, .name_len = sizeof(name) };
		_cleanup_close_ int fd = bpf_sys_btf(id);

		/* Gone meanwhile. */
		if (fd == -ENOENT)
			continue;
		if (fd < 0)
			return fd;
		r = bpf_sys_info(fd, &info, sizeof(info));
		if (!r && info.kernel_btf && !strcmp(name, MODULE))
			return steal_fd(&fd);
		if (r && r != -ENOSPC) /* a longer name */
			return r;
	}
	return r;
}

static int read_module_types(int fd, struct known_types *ret)
{
	struct bpf_btf_info info = {};
	int r = bpf_sys_info(fd, &info, sizeof(info));
	uint32_t bytes = info.btf_size;

	if (!r && (bytes > MAX_BYTES || !(ret->data = calloc(1, bytes + BTF_PADDING))))
		r = -ENOMEM;
	if (r)
		return r;
	info = (struct bpf_btf_info){ .btf = (uint64_t)(uintptr_t)ret->data, .btf_size = bytes };
	r = bpf_sys_info(fd, &info, sizeof(info));
	if (!r && info.btf_size != bytes)
		r = -EBADMSG;
	return r ? r : btf_types_read(ret->data, bytes, &kernel.types, true, &ret->types);
}

static int read_module(void)
{
	_cleanup_close_ int fd = -1;
	int r = read_kernel();

	if (r || module.data)
		return r;
	fd = open_module();
	if (fd == -ENOENT)
		return fd;
	r = fd < 0 ? fd : read_module_types(fd, &module);
	if (r) {
		forget(&module);
		return say(MODULE, r);
	}
	module_fd = steal_fd(&fd);
	return 0;
}

/* --- looking up ---------------------------------------------------------------------------------------------------------- */

int kernel_types_functions(const char *const *names, size_t count, uint32_t *ret_ids)
{
	int r = read_kernel();

	for (size_t i = 0; i < count; i++)
		ret_ids[i] = r ? 0 : btf_find(&kernel.types, 0, BTF_KIND_FUNC, names[i], strlen(names[i]));
	return r;
}

static int64_t attach_to_module(const char *name)
{
	uint32_t id;
	int fd, r = read_module();

	if (r)
		return r;
	id = btf_find(&module.types, 0, BTF_KIND_FUNC, name, strlen(name));
	if (!id)
		return -ENOENT;
	fd = fcntl(module_fd, F_DUPFD_CLOEXEC, 0);
	return fd < 0 ? -errno : (int64_t)fd << 32 | id;
}

int64_t kernel_types_attach(const char *name)
{
	uint32_t id;
	int64_t r = kernel_types_functions(&name, 1, &id);

	if (r || id)
		return r ? r : id;
	r = attach_to_module(name);
	if (r == -ENOENT)
		log_error("the kernel has no function %s, to which a program of the policy attaches", name);
	return r;
}

int kernel_types_get(const struct btf_types *ret[CORE_MAX_TARGETS])
{
	int r = read_module();

	ret[0] = &kernel.types;
	ret[1] = r ? NULL : &module.types;
	return r == -ENOENT && kernel.data ? 0 : r;
}

void kernel_types_forget(void)
{
	forget(&module);
	forget(&kernel);
	module_fd = close_fd(module_fd);
}
