/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/vmm/cpu_options.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS "0123456789"

enum { MAX_CPU_DIGITS = 5 };

/* Takes a number off the beginning of TEXT. */
static bool take_cpu(const char **text, unsigned long *ret)
{
	size_t digits = strspn(*text, DIGITS);

	if (digits == 0 || digits > MAX_CPU_DIGITS)
		return false;
	*ret = strtoul(*text, NULL, 10);
	*text += digits;
	return true;
}

/* "0,2-3", up to what can't be a part of it. */
static bool take_set(const char **text)
{
	unsigned long first, last;

	do {
		if (!take_cpu(text, &first))
			return false;
		last = first;
		if (**text == '-' && (++*text, !take_cpu(text, &last)))
			return false;
		if (last < first)
			return false;
	} while (**text == ',' && ++*text);
	return true;
}

static bool take_mapping(const char **text)
{
	unsigned long cpu;

	do {
		if (!take_cpu(text, &cpu) || **text != '=')
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
