/* SPDX-License-Identifier: Apache-2.0 */
/* What a guest writes on its failure port: the first byte says in how large pieces the manager reads it. */
#include <string.h>
#include <unistd.h>

#include "harness.h"
#include "virtmgr/failure_pipe.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	return 0;
}

static void write_all(struct failure_pipe *pipe, const uint8_t *bytes, size_t size, size_t piece)
{
	while (size) {
		size_t n = size < piece ? size : piece;

		CHECK(write(pipe->write_end, bytes, n) == (ssize_t)n);
		CHECK(failure_pipe_read(pipe) == (int)n);
		bytes += n, size -= n;
	}
}

static void check_words(const char *words)
{
	size_t length = strlen(words);

	CHECK(length <= FAILURE_MAX_BYTES);
	CHECK(length == 0 || (words[0] != ' ' && words[length - 1] != ' '));
	for (; *words; words++)
		CHECK(*words >= 0x20 && *words <= 0x7e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t before = harness_descriptors();
	struct failure_pipe pipe;
	const char *reason, *more;

	if (size == 0)
		return 0;
	CHECK(failure_pipe_open(&pipe) == 0);
	write_all(&pipe, data + 1, size - 1, (size_t)data[0] * 16 + 1);
	failure_pipe_result(&pipe, &reason, &more);
	check_words(reason);
	check_words(more);
	CHECK(!strchr(reason, '|'));
	failure_pipe_close(&pipe);
	CHECK(harness_descriptors() == before);
	return 0;
}
