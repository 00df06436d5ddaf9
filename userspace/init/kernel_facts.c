/* SPDX-License-Identifier: Apache-2.0 */
#include "init/kernel_facts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/count.h"
#include "common/log.h"
#include "init/mount_list.h"
#include "init/resolve.h"
#include "init/scratch_fs.h"

/* The same file, opened for reading and for writing, and the directory of the pins. */
enum subject { READER, WRITER, PINS, SUBJECTS };

struct seen {
	struct evm_resolved kernel[SUBJECTS]; /* by the programs */
	struct stat file;                     /* by user space */
};

static bool writing_is_told(const struct seen *seen)
{
	return seen->kernel[WRITER].file.for_writing && !seen->kernel[READER].file.for_writing;
}

/* On a tmpfs stat(2) shows what the kernel has, which is not so everywhere. */
static bool inode_is_told(const struct seen *seen)
{
	const struct evm_file_id *id = &seen->kernel[READER].file.id;

	return id->ino == seen->file.st_ino && id->dev == (major(seen->file.st_dev) << 20 | minor(seen->file.st_dev));
}

static bool change_time_is_told(const struct seen *seen)
{
	const struct evm_file_id *id = &seen->kernel[READER].file.id;

	return id->ctime_sec == seen->file.st_ctim.tv_sec && id->ctime_nsec == (uint32_t)seen->file.st_ctim.tv_nsec;
}

static bool mounts_are_told(const struct seen *seen)
{
	return mount_list_matches(&seen->kernel[PINS].chain);
}

static const struct fact {
	const char *what;
	bool (*holds)(const struct seen *seen);
	const char *otherwise;
} facts[] = {
	{ "which descriptors are open for writing (FMODE_WRITE)", writing_is_told, "listed files could be written" },
	{ "the device and inode numbers of files", inode_is_told, "listed files would not be known" },
	{ "the change times of files", change_time_is_told, "listed files would not be known" },
	{ "the mounts between the pins and the root, and their peer groups (/proc/self/mountinfo)", mounts_are_told,
	  "the pins could be unmounted" },
};

static int check(const struct seen *seen)
{
	int r = 0;

	for (size_t i = 0; i < COUNT(facts); i++) {
		if (facts[i].holds(seen))
			continue;
		log_error("this kernel differs from what the policy expects: %s; so %s", facts[i].what,
			  facts[i].otherwise);
		r = -EPROTO;
	}
	return r;
}

int kernel_facts_check(const struct policy_object *object, struct evm_chain *ret_chain)
{
	_cleanup_close_ int root = scratch_fs_open();
	_cleanup_close_ int writer = root < 0 ? -1 :
						openat(root, "file", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	_cleanup_close_ int reader = root < 0 ? -1 : openat(root, "file", O_RDONLY | O_CLOEXEC);
	_cleanup_close_ int pins = open(EVM_PIN_DIR, O_PATH | O_DIRECTORY | O_CLOEXEC);
	const int fds[SUBJECTS] = { [READER] = reader, [WRITER] = writer, [PINS] = pins };
	struct seen seen;
	int r;

	if (writer < 0 || reader < 0 || pins < 0 || fstat(reader, &seen.file)) {
		r = root < 0 ? root : -errno;
		log_error("can't compare the kernel with what the policy expects: %s", strerror(-r));
		return r;
	}
	r = resolve_files(object, fds, SUBJECTS, seen.kernel);
	if (!r)
		r = check(&seen);
	if (!r)
		*ret_chain = seen.kernel[PINS].chain;
	return r;
}
