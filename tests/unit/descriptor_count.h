/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_DESCRIPTOR_COUNT_H
#define TESTS_DESCRIPTOR_COUNT_H

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

/* How many descriptors this process has open (and a few more, always the same number). */
static inline int count_descriptors(void)
{
	DIR *list = opendir("/proc/self/fd");
	int count = 0;

	while (readdir(list))
		count++;
	closedir(list);
	return count;
}

/* The count, once it is BEFORE: another thread may be about to close its own.  After a minute it is what it is. */
static inline int count_descriptors_until(int before)
{
	int count = count_descriptors();

	for (int i = 0; i < 6000 && count != before; i++) {
		usleep(10000);
		count = count_descriptors();
	}
	return count;
}

/* From here on this process can open none, until allow_descriptors. */
static inline struct rlimit forbid_descriptors(void)
{
	struct rlimit old, none;
	int lowest = open("/dev/null", O_RDONLY | O_CLOEXEC);

	close(lowest);
	getrlimit(RLIMIT_NOFILE, &old);
	none = (struct rlimit){ .rlim_cur = (rlim_t)lowest, .rlim_max = old.rlim_max };
	setrlimit(RLIMIT_NOFILE, &none);
	return old;
}

static inline void allow_descriptors(const struct rlimit *old)
{
	setrlimit(RLIMIT_NOFILE, old);
}

#endif
