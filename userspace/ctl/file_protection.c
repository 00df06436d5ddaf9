/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/file_protection.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/statvfs.h>

#include "common/cleanup.h"

enum file_protection file_protection(const char *path, bool sealed)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct statvfs fs;
	int flags = 0; /* the kernel writes an int, although the ioctl's number encodes a long */

	if (fd >= 0 && fstatvfs(fd, &fs) == 0 && (fs.f_flag & ST_RDONLY))
		return KEPT_BY_READ_ONLY;
	if (fd >= 0 && ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0 && (flags & FS_VERITY_FL))
		return KEPT_BY_VERITY;
	return sealed ? KEPT_BY_SEAL : KEPT_BY_NOTHING;
}

const char *file_protection_word(enum file_protection protection)
{
	static const char *const words[] = {
		[KEPT_BY_NOTHING] = "nothing",
		[KEPT_BY_SEAL] = "seal",
		[KEPT_BY_VERITY] = "verity",
		[KEPT_BY_READ_ONLY] = "read_only",
	};

	return words[protection];
}
