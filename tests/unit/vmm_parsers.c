/* SPDX-License-Identifier: Apache-2.0 */
#include "vmm_parsers.h"

#include <stdlib.h>
#include <string.h>

enum { WORDS_MAX = 256 };

struct word_list {
	char *words[WORDS_MAX];
	size_t count;
};

static void add(struct parsed_line *line, const char *name, const char *value)
{
	struct parsed_option *option = &line->options[line->count];

	if (line->count == PARSED_MAX || strlen(name) >= PARSED_BYTES || (value && strlen(value) >= PARSED_BYTES)) {
		line->failed = true;
		return;
	}
	strcpy(option->name, name);
	strcpy(option->value, value ? value : "");
	option->has_value = value;
	line->count++;
}

static bool is_one_of(const char *name, const char *const list[])
{
	for (; *list; list++)
		if (!strcmp(*list, name))
			return true;
	return false;
}

static void push(struct word_list *list, char *word)
{
	if (list->count < WORDS_MAX)
		list->words[list->count++] = word;
	else
		free(word);
}

/* prepare_argh_args */
static void split(char *const argv[], struct word_list *ret)
{
	ret->count = 0;
	for (argv++; *argv; argv++) {
		const char *equals = strchr(*argv, '=');

		if (!strcmp(*argv, "-h")) {
			push(ret, strdup("--help"));
		} else if (**argv == '-' && equals) {
			push(ret, strndup(*argv, (size_t)(equals - *argv)));
			push(ret, strdup(equals + 1));
		} else {
			push(ret, strdup(*argv));
		}
	}
}

/* Options that stand before the word `run' are known there alone; for these tests one list serves both. */
static const char *const crosvm_switches[] = {
	"--extended-status", "--disable-sandbox",   "--no-balloon",        "--no-usb",    "--no-rng",
	"--protected-vm",    "--lock-guest-memory", "--host-cpu-topology", "--no-syslog", NULL,
};
/* clang-format off */
static const char *const crosvm_options[] = {
	"--vsock", "--cid", "--name", "--mem", "--cpus", "--cpu-affinity", "--task-profiles", "--serial", "--socket", "--swiotlb", "--initrd",
	"--params", "-p", "--block", "--disk", "--rwdisk", "--bios", "--file-backed-mapping", "--device-tree-overlay", NULL,
};
/* clang-format on */

static void take_words(const struct word_list *words, struct parsed_line *ret)
{
	bool only_positional = false;

	for (size_t i = 0; i < words->count && !ret->failed; i++) {
		const char *word = words->words[i];

		if (!only_positional && (!strcmp(word, "--help") || !strcmp(word, "help")))
			ret->failed = true;
		else if (only_positional || *word != '-')
			add(ret, "", word);
		else if (!strcmp(word, "--"))
			only_positional = true;
		else if (is_one_of(word, crosvm_switches))
			add(ret, word, NULL);
		else if (is_one_of(word, crosvm_options) && i + 1 < words->count)
			add(ret, word, words->words[++i]);
		else
			ret->failed = true;
	}
}

void crosvm_parse(char *const argv[], struct parsed_line *ret)
{
	struct word_list words;

	ret->count = 0;
	ret->failed = false;
	split(argv, &words);
	take_words(&words, ret);
	while (words.count)
		free(words.words[--words.count]);
}

static const char *const qemu_switches[] = { "no-user-config", "nodefaults", "no-reboot", "S", "daemonize", NULL };
static const char *const qemu_options[] = {
	"name",   "machine", "accel",    "cpu",    "smp",    "m",      "display", "serial", "chardev", "device", "mon",
	"global", "drive",   "blockdev", "add-fd", "kernel", "initrd", "append",  "object", "rtc",     "dtb",    NULL,
};

void qemu_parse(char *const argv[], struct parsed_line *ret)
{
	ret->count = 0;
	ret->failed = false;
	for (argv++; *argv && !ret->failed; argv++) {
		const char *name = *argv;

		if (*name != '-') {
			add(ret, "", name); /* the image of a first disk */
			continue;
		}
		name += name[1] == '-' ? 2 : 1;
		if (is_one_of(name, qemu_switches))
			add(ret, name, NULL);
		else if (is_one_of(name, qemu_options) && argv[1])
			add(ret, name, *++argv);
		else
			ret->failed = true;
	}
}

/* Copies one element, up to a single comma; returns what is behind it. */
static const char *take_element(const char *list, char ret[PARSED_BYTES])
{
	size_t n = 0;

	while (*list && n + 1 < PARSED_BYTES) {
		if (*list == ',' && *++list != ',')
			break;
		ret[n++] = *list++;
	}
	ret[n] = 0;
	return list;
}

const char *qemu_list_value(const char *list, const char *implied, const char *key)
{
	static char element[PARSED_BYTES];
	bool first = true;

	while (*list) {
		size_t length;
		bool keyed;

		/* Whether a '=' comes before the next comma is looked at before the element is read (get_opt_name_value). */
		length = strcspn(list, "=,");
		keyed = list[length] == '=';
		list = take_element(list, element);
		if (keyed && length == strlen(key) && !memcmp(element, key, length))
			return element + length + 1;
		if (!keyed && first && implied && !strcmp(implied, key))
			return element;
		first = false;
	}
	return NULL;
}

size_t qemu_list_count(const char *list)
{
	char element[PARSED_BYTES];
	size_t count = 0;

	for (; *list; count++)
		list = take_element(list, element);
	return count;
}
