/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a VMM says on QEMU's monitor; a VMM can be in the hands of its guest.  The first byte says where the stream is cut:
 * in two pieces it must mean what it means whole.  Each line is also searched by itself.
 */
#include <string.h>

#include "common/cleanup.h"
#include "harness.h"
#include "virtmgr/vmm_exit.h"
#include "virtmgr/vmm/json.h"
#include "virtmgr/vmm/qmp.h"

enum { FOUND_BYTES = 32 };

/* In a buffer of exactly its size, so that AddressSanitizer sees an access beyond its end. */
static void search(const uint8_t *bytes, size_t size)
{
	static const char *const outer[] = { NULL, "data" };
	char found[FOUND_BYTES];
	_cleanup_free_ char *text = malloc(size ? size : 1);

	if (!text)
		return;
	memcpy(text, bytes, size);
	for (size_t i = 0; i < sizeof(outer) / sizeof(outer[0]); i++) {
		memset(found, 'x', sizeof(found));
		if (json_find_string(text, size, outer[i], "reason", found, sizeof(found)))
			CHECK(strnlen(found, sizeof(found)) < sizeof(found) && !strpbrk(found, "\"\\"));
		else
			CHECK(found[0] == 'x' && !memcmp(found, found + 1, sizeof(found) - 1));
	}
}

static void check_death(const struct qmp *qmp)
{
	struct death death = { 0 };

	qmp_read_shutdown(qmp, &death);
	CHECK(strnlen(qmp->shutdown, sizeof(qmp->shutdown)) < sizeof(qmp->shutdown));
	CHECK(death.text[0] && strnlen(death.text, sizeof(death.text)) < sizeof(death.text));
	CHECK(!strchr(death.text, '\n'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct qmp whole, cut;
	size_t at;

	if (size == 0)
		return 0;
	at = data[0] < size ? data[0] : size - 1;
	data++, size--;
	search(data, size);
	memset(&whole, 0, sizeof(whole));
	memset(&cut, 0, sizeof(cut));
	qmp_feed(&whole, (const char *)data, size);
	qmp_feed(&cut, (const char *)data, at);
	qmp_feed(&cut, (const char *)data + at, size - at);
	CHECK(!memcmp(&whole, &cut, sizeof(cut)));
	check_death(&whole);
	return 0;
}
