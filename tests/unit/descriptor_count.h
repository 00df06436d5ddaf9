/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_DESCRIPTOR_COUNT_H
#define TESTS_DESCRIPTOR_COUNT_H

#include <dirent.h>

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

#endif
