/* SPDX-License-Identifier: Apache-2.0 */
/* The smallest VMM: it writes the time at which it runs to descriptor 3.  With an argument "stay" it stays. */
#include <string.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (write(3, &now, sizeof(now)) != sizeof(now))
		return 1;
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], "stay"))
			pause();
	return 0;
}
