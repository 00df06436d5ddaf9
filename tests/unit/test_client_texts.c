/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client's texts reach the VMM as the values that they are, whatever they hold: none of them becomes an option, or ends one.
 * The command line of each back end goes through a model of its VMM's own parser (vmm_parsers.h).
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "command_fixture.h"
#include "vmm_parsers.h"

/* Where a text of the client's stands in a configuration, and in the command line. */
struct text_field {
	const char *name;
	size_t offset;
	const char *crosvm; /* the option whose value it is */
	const char *qemu;
};

static const struct text_field fields[] = {
	{ "params", offsetof(struct vm_config, params), "--params", "append" },
	{ "cpu_affinity", offsetof(struct vm_config, cpu_affinity), "--cpu-affinity", NULL },
	{ "task_profiles", offsetof(struct vm_config, task_profiles), "--task-profiles", NULL },
	{ "name", offsetof(struct vm_config, name), "--name", "name" },
};

static const struct parser {
	const char *name;
	const struct vmm_backend *vmm;
	void (*parse)(char *const argv[], struct parsed_line *ret);
	bool is_qemu;
} parsers[] = {
	{ "crosvm", &crosvm_backend, crosvm_parse, false },
	{ "crosvm, sandboxed", &crosvm_sandboxed_backend, crosvm_parse, false },
	{ "crosvm of 2022", &crosvm_2022_backend, crosvm_parse, false },
	{ "QEMU", &qemu_backend, qemu_parse, true },
};

static struct vm_config config_with(const struct text_field *field, const char *text)
{
	struct vm_config config = plain_config();

	config.console = 105;
	config.initrd = 103;
	config.disks[0].fd = 110;
	config.disk_count = 1;
	*(const char **)((char *)&config + field->offset) = text;
	return config;
}

static bool parse(const struct parser *parser, const struct text_field *field, const char *text,
		  struct parsed_line *ret)
{
	struct vm_config config = config_with(field, text);
	struct vmm_command command;
	struct refusal refusal;
	bool accepted = vm_config_check(&config, ARCH_X86_64, parser->vmm, &refusal) == 0;

	if (accepted) {
		cr_assert_eq(vmm_command_build(&config, ARCH_X86_64, parser->vmm, "/vmm", &command), 0);
		parser->parse(command.argv, ret);
		vmm_command_free(&command);
	}
	return accepted;
}

/* What the value of FIELD's option is when the client wrote TEXT; NULL: this option holds nothing of it. */
static const char *expected_value(const struct parser *parser, const struct text_field *field, const char *text)
{
	static char value[PARSED_BYTES];
	bool is_name = !strcmp(field->name, "name"), is_params = !strcmp(field->name, "params");

	if (is_name && parser->vmm == &crosvm_2022_backend)
		return NULL;
	if (is_name)
		snprintf(value, sizeof(value), parser->is_qemu ? "guest=%s" : "crosvm_%s", text);
	else if (parser->is_qemu && is_params)
		snprintf(value, sizeof(value), "panic=-1 reboot=t console=ttyS0 %s", text);
	else
		snprintf(value, sizeof(value), "%s", text);
	return value;
}

/* The same options as with a harmless text, and the text is whole. */
static void expect_whole(const struct parser *parser, const struct text_field *field, const char *text)
{
	static struct parsed_line plain, line;
	const char *option = parser->is_qemu ? field->qemu : field->crosvm;
	const char *value = expected_value(parser, field, text);

	if (!option || !parse(parser, field, text, &line)) {
		cr_assert(option == NULL || strcmp(field->name, "params"), "parameters are never refused");
		return;
	}
	cr_assert(parse(parser, field, strcmp(field->name, "cpu_affinity") ? "plain" : "0", &plain));
	cr_expect_not(line.failed, "%s, %s '%s': the command line is refused", parser->name, field->name, text);
	cr_assert_eq(line.count, plain.count, "%s, %s '%s': %zu options instead of %zu", parser->name, field->name,
		     text, line.count, plain.count);
	for (size_t i = 0; i < line.count; i++) {
		bool is_it = value && !strcmp(line.options[i].name, option);

		cr_assert_str_eq(line.options[i].name, plain.options[i].name, "%s, %s '%s'", parser->name, field->name,
				 text);
		cr_assert_eq(line.options[i].has_value, plain.options[i].has_value);
		cr_assert_str_eq(line.options[i].value, is_it ? value : plain.options[i].value, "%s, %s '%s'",
				 parser->name, field->name, text);
	}
}

static void expect_whole_everywhere(const char *text)
{
	for (size_t p = 0; p < sizeof(parsers) / sizeof(parsers[0]); p++)
		for (size_t f = 0; f < sizeof(fields) / sizeof(fields[0]); f++)
			expect_whole(&parsers[p], &fields[f], text);
}

Test(virtmgr_client_texts, options_of_the_vmm_in_them_stay_texts)
{
	/* clang-format off */
	static const char *const texts[] = {
		"--quiet=--no-rng", "--disable-sandbox", "--quiet=--disable-sandbox", "-h", "--help", "help", "--", "-", "=", "-=", "--=",
		"--params=--no-rng", "-p=--no-rng", "--no-rng", "-v=1", "-x", "-x,y", "a=b,c=d", "a,,b", "x,guest=y", "\"a b\"", "'", "\\", "\n", "a\nb",
		"\r\n--no-rng\n", "\x01\x02\x1b[31m\x7f", "%s%n", "run", "-S", "-daemonize", "--daemonize", "\xc3\xa9", "\xff\xfe", "0=1:1=2-3", "0,2-3",
		"-0", "a,-b", "-a,b", "_,-", "name-", "-name",
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		expect_whole_everywhere(texts[i]);
}

/* Every text of up to four characters that matter to one of the parsers. */
Test(virtmgr_client_texts, all_short_texts_stay_texts)
{
	static const char alphabet[] = "-=, \"'\n\x01:0ph";
	size_t letters = strlen(alphabet), total = letters * letters * letters * letters;

	for (size_t number = 0; number < total; number++) {
		char text[5] = "";
		size_t rest = number, length = 0;

		/* A leading letter 0 would repeat shorter texts; the last one of the alphabet ends the text instead. */
		for (; length < 4; rest /= letters) {
			char letter = alphabet[rest % letters];

			if (letter == 'h' && length > 1)
				break;
			text[length++] = letter;
		}
		expect_whole_everywhere(text);
	}
}

/* The model notices what crosvm did with a client's text in an argument of its own. */
Test(virtmgr_client_texts, the_model_splits_as_crosvm_does)
{
	char *two_words[] = { "crosvm", "run", "--params", "--quiet=--no-rng", "kernel", NULL };
	char *one_word[] = { "crosvm", "run", "--params=--quiet=--no-rng", "kernel", NULL };
	static struct parsed_line line;

	crosvm_parse(two_words, &line);
	cr_expect_str_eq(line.options[1].value, "--quiet");
	cr_expect_str_eq(line.options[2].name, "--no-rng");
	crosvm_parse(one_word, &line);
	cr_expect_eq(line.count, 3);
	cr_expect_str_eq(line.options[1].name, "--params");
	cr_expect_str_eq(line.options[1].value, "--quiet=--no-rng");
	cr_expect_str_eq(line.options[2].value, "kernel");
}

/* QEMU reads some values as lists: what a client may write into them adds no key. */
Test(virtmgr_client_texts, a_name_is_one_value_of_qemus_list)
{
	static struct parsed_line line;

	cr_expect_str_eq(qemu_list_value("a,,b,guest=x", "guest", "guest"), "a,b");
	cr_expect_eq(qemu_list_count("a,,b,c=d"), 2);
	for (size_t i = 0; i < 3; i++) {
		static const char *const names[] = { "help", "-name", "debug-threads" };

		cr_assert(parse(&parsers[3], &fields[3], names[i], &line));
		cr_expect_str_eq(line.options[0].name, "name");
		cr_expect_eq(qemu_list_count(line.options[0].value), 1);
		cr_expect_str_eq(qemu_list_value(line.options[0].value, NULL, "guest"), names[i]);
	}
}
