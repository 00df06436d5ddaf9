/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "common/safe_open.h"

Test(common_safe_open, a_file_that_can_not_be_read, .timeout = 60)
{
	char *const untouched = (char *)"untouched", *bytes = untouched;
	struct reason reason = { 0 };
	size_t size = 99;
	int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	cr_assert_geq(fd, 0);
	cr_expect_eq(read_whole(fd, 100, &bytes, &size, &reason), -EISDIR);
	cr_expect(bytes == untouched && size == 99 && *reason.text);
	close(fd);
}
