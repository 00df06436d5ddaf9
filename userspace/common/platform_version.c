/* SPDX-License-Identifier: Apache-2.0 */
#include "common/platform_version.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { COMPONENTS = 3 };

static const long platform[COMPONENTS] = { 1, 0, 0 };

struct version {
	long components[COMPONENTS];
	int count; /* how many are given; 0: any version */
};

/* Reads "1", "1.0", "1.0.0" or "*"; returns where it ends, or NULL. */
static const char *read_version(const char *text, struct version *ret)
{
	*ret = (struct version){ 0 };
	if (*text == '*')
		return text + 1;
	while (ret->count < COMPONENTS && isdigit((unsigned char)*text)) {
		char *end;
		long number = strtol(text, &end, 10);

		if (end - text > 9 || (*text == '0' && end - text > 1))
			return NULL;
		ret->components[ret->count++] = number;
		text = end;
		if (*text != '.')
			return text;
		text++;
	}
	return NULL;
}

/* The platform's version against the first COUNT components: below 0, 0, above 0. */
static long compare(const struct version *version, int count)
{
	for (int i = 0; i < count; i++)
		if (platform[i] != version->components[i])
			return platform[i] - version->components[i];
	return 0;
}

/* Missing components are 0 for "~" and "^", which set a lower limit; the others compare what is given. */
static bool meets(const char *comparison, const struct version *version)
{
	long difference = compare(version, version->count);

	if (version->count == 0 || !strcmp(comparison, ">="))
		return difference >= 0;
	if (!strcmp(comparison, ">"))
		return difference > 0;
	if (!strcmp(comparison, "<"))
		return difference < 0;
	if (!strcmp(comparison, "<="))
		return difference <= 0;
	if (!strcmp(comparison, "="))
		return difference == 0;
	if (!strcmp(comparison, "~"))
		return compare(version, version->count > 1 ? 2 : 1) == 0 && compare(version, COMPONENTS) >= 0;
	return compare(version, 1) == 0 && compare(version, COMPONENTS) >= 0; /* "^", or nothing */
}

static const char *skip_blanks(const char *text)
{
	return text + strspn(text, " ");
}

int platform_version_meets(const char *requirement)
{
	static const char *const comparisons[] = { ">=", "<=", ">", "<", "=", "~", "^", "" };
	const char *at = requirement;
	bool met = true;

	for (;;) {
		struct version version;
		size_t i = 0;

		at = skip_blanks(at);
		while (strncmp(at, comparisons[i], strlen(comparisons[i])) != 0)
			i++;
		at = read_version(skip_blanks(at + strlen(comparisons[i])), &version);
		if (!at)
			return -EINVAL;
		met = met && meets(comparisons[i], &version);
		at = skip_blanks(at);
		if (!*at)
			return met;
		if (*at++ != ',')
			return -EINVAL;
	}
}
