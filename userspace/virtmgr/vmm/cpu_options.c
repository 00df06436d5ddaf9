/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/vmm/cpu_options.h"

#include <stdint.h>
#include <string.h>

#include "common/number.h"

enum { MAX_CPU = 99999 };

/* "0,2-3", up to what can't be a part of it. */
static bool take_set(const char **text)
{
	uint32_t first, last;

	do {
		if (number_take(text, MAX_CPU, &first) < 0)
			return false;
		last = first;
		if (**text == '-' && (++*text, number_take(text, MAX_CPU, &last) < 0))
			return false;
		if (last < first)
			return false;
	} while (**text == ',' && ++*text);
	return true;
}

static bool take_mapping(const char **text)
{
	uint32_t cpu;

	do {
		if (number_take(text, MAX_CPU, &cpu) < 0 || **text != '=')
			return false;
		++*text;
		if (!take_set(text))
			return false;
	} while (**text == ':' && ++*text);
	return true;
}

bool cpu_affinity_is_valid(const char *text)
{
	bool mapping = strchr(text, '=');

	return (mapping ? take_mapping(&text) : take_set(&text)) && !*text;
}

bool task_profiles_are_valid(const char *text)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
	size_t length = strspn(text, allowed);

	while (length && text[length] == ',') {
		text += length + 1;
		length = strspn(text, allowed);
	}
	return length && !text[length];
}
