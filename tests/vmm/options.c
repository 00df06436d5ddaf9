// SPDX-License-Identifier: Apache-2.0
#include "vmm/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "vmm/key_values.h"
#include "vmm/option_table.h"

enum { MAX_ROWS = 64, NAME_BYTES = 64 };

struct parser {
	struct vmm_options options;
	bool seen[MAX_ROWS]; /* by row of the table */
};

static const struct {
	const char *name;
	enum vmm_command command;
} commands[] = {
	{ "run", COMMAND_RUN },
	{ "stop", COMMAND_STOP },
	{ "resume", COMMAND_RESUME },
	{ "help", COMMAND_HELP },
};

static const struct option_row *find_row(const char *name, size_t length, bool before_command)
{
	for (const struct option_row *row = option_table; row->name; row++) {
		if (row->before_command != before_command)
			continue;
		if (strlen(row->name) == length && !memcmp(row->name, name, length))
			return row;
		if (row->short_name && strlen(row->short_name) == length && !memcmp(row->short_name, name, length))
			return row;
	}
	return NULL;
}

static int check_once(struct parser *parser, const struct option_row *row)
{
	bool *seen = &parser->seen[row - option_table];

	if (*seen && row->value && !row->repeatable) {
		log_error("%s is given twice", row->name);
		return -EINVAL;
	}
	*seen = true;
	return 0;
}

/* Takes the option NAME, whose value may be NEXT.  Returns how many words were used, or -EINVAL. */
static int take_option(struct parser *parser, const char *name, const char *next)
{
	const struct option_row *row = find_row(name, strlen(name), parser->options.command == COMMAND_NONE);
	int ret;

	if (!row) {
		log_error("unknown option %s", name);
		return -EINVAL;
	}
	if (row->value && !next) {
		log_error("%s needs a value: %s %s", row->name, row->name, row->value);
		return -EINVAL;
	}
	ret = check_once(parser, row);
	if (!ret)
		ret = row->set(row, row->value ? next : NULL, &parser->options);
	if (ret)
		return ret;
	if (row->given)
		*(bool *)((char *)&parser->options + row->given) = true;
	return row->value ? 2 : 1;
}

static int take_command(struct vmm_options *options, const char *name)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (!strcmp(commands[i].name, name)) {
			options->command = commands[i].command;
			return 1;
		}
	}
	log_error("unknown command '%s': run, stop, resume or help", name);
	return -EINVAL;
}

/* The first word is the command, the second the kernel of `run` and the socket of the others. */
static int take_positional(struct vmm_options *options, const char *argument)
{
	bool run = options->command == COMMAND_RUN;
	char *to = run ? options->kernel : options->socket;
	int ret;

	if (options->command == COMMAND_NONE)
		return take_command(options, argument);
	if (*to) {
		log_error("unexpected argument '%s': the %s is '%s' already", argument, run ? "kernel" : "socket", to);
		return -EINVAL;
	}
	ret = copy_text(run ? "KERNEL" : "SOCKET", argument, to, OPTION_PATH_BYTES);
	return ret ? ret : 1;
}

static bool is_option(const struct vmm_options *options, const char *argument)
{
	return argument[0] == '-' && argument[1] &&
	       (options->command == COMMAND_NONE || options->command == COMMAND_RUN);
}

/*
 * crosvm splits every argument that begins with '-' at its first '=' before parsing, including the value of an option.  Appends the words of ARGUMENT to WORDS, at most two.
 */
static int split(const char *argument, char *words[], size_t *count)
{
	const char *equals = argument[0] == '-' ? strchr(argument, '=') : NULL;

	words[(*count)++] = equals ? strndup(argument, (size_t)(equals - argument)) : strdup(argument);
	if (equals)
		words[(*count)++] = strdup(equals + 1);
	return words[*count - 1] && (!equals || words[*count - 2]) ? 0 : -ENOMEM;
}

static int take_words(struct parser *parser, char *const words[], size_t count)
{
	int ret;

	for (size_t i = 0; i < count; i += (size_t)ret) {
		ret = is_option(&parser->options, words[i]) ?
			      take_option(parser, words[i], i + 1 < count ? words[i + 1] : NULL) :
			      take_positional(&parser->options, words[i]);
		if (ret < 0)
			return ret;
	}
	return 0;
}

static int take_arguments(struct parser *parser, char *const arguments[], size_t count)
{
	char **words = calloc(2 * count + 1, sizeof(*words));
	size_t word_count = 0;
	int ret = words ? 0 : -ENOMEM;

	for (size_t i = 0; !ret && i < count; i++)
		ret = split(arguments[i], words, &word_count);
	if (!ret)
		ret = take_words(parser, words, word_count);
	for (size_t i = 0; i < word_count; i++)
		free(words[i]);
	free(words);
	return ret;
}

static int parse_test_options(struct parser *parser, const char *text)
{
	_cleanup_free_ char *copy = strdup(text);
	char *rest = NULL;
	int ret;

	if (!copy)
		return -ENOMEM;
	for (char *word = strtok_r(copy, " \n", &rest); word; word = strtok_r(NULL, " \n", &rest)) {
		if (strncmp(word, "--test-", strlen("--test-"))) {
			log_error("'%s' is no --test-... option", word);
			return -EINVAL;
		}
		ret = take_arguments(parser, &word, 1);
		if (ret < 0)
			return ret;
	}
	return 0;
}

int vmm_options_parse(int argc, char *const argv[], const char *test_options, struct vmm_options *ret_options)
{
	struct parser parser = {
		.options.memory_mib = 256, /* crosvm's default */
		.options.cpus = 1,
		.options.vsock.device = "/dev/vhost-vsock",
	};
	struct vmm_options *options = &parser.options;
	int ret = take_arguments(&parser, argv + 1, argc > 0 ? (size_t)argc - 1 : 0);

	if (ret < 0)
		return ret;
	if (options->command == COMMAND_NONE) {
		log_error("no command: run, stop, resume or help");
		return -EINVAL;
	}
	if ((options->command == COMMAND_STOP || options->command == COMMAND_RESUME) && !*options->socket) {
		log_error("the command needs the path of a VM's control socket");
		return -EINVAL;
	}
	if (options->command == COMMAND_RUN && test_options) {
		ret = parse_test_options(&parser, test_options);
		if (ret)
			return ret;
	}
	*ret_options = *options;
	return 0;
}

void vmm_options_help(void)
{
	printf("crosvm [OPTIONS] run [OPTIONS] [KERNEL] | stop SOCKET | resume SOCKET | help\n");
	for (int before = 1; before >= 0; before--) {
		printf("\n%s\n",
		       before ? "Before the command:" : "Of run (paths /proc/self/fd/N are inherited descriptors):");
		for (const struct option_row *row = option_table; row->name; row++) {
			char name[NAME_BYTES + OPTION_PARAMS_BYTES];

			if (row->before_command != before)
				continue;
			snprintf(name, sizeof(name), "%s%s%s", row->name, row->value ? " " : "",
				 row->value ? row->value : "");
			printf("  %-32s %s\n", name, row->help);
		}
	}
	printf("\nThe --test- options may also be in the environment, in " TEST_OPTIONS_ENVIRONMENT
	       ", or in the file " TEST_OPTIONS_FILE ".\n");
}
