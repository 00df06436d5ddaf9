// SPDX-License-Identifier: Apache-2.0
#include "vmbase/boot_info.h"

#include "vmbase/string.h"

bool boot_option(const char *command_line, const char *name, char *value, size_t size)
{
	size_t name_length = strlen(name);
	bool found = false;

	while (*command_line) {
		size_t length = 0;

		while (command_line[length] && command_line[length] != ' ')
			length++;
		if (length > name_length && strncmp(command_line, name, name_length) == 0 &&
		    command_line[name_length] == '=') {
			size_t value_length = length - name_length - 1;

			if (value_length > size - 1)
				value_length = size - 1;
			memcpy(value, command_line + name_length + 1, value_length);
			value[value_length] = '\0';
			found = true;
		}
		command_line += length + (command_line[length] == ' ');
	}
	return found;
}

uint64_t boot_option_number(const char *command_line, const char *name, uint64_t default_value)
{
	char text[21];
	uint64_t number = 0;

	if (!boot_option(command_line, name, text, sizeof(text)) || !text[0])
		return default_value;
	for (const char *digit = text; *digit; digit++) {
		if (*digit < '0' || *digit > '9' || number > (UINT64_MAX - 9) / 10)
			return default_value;
		number = number * 10 + (uint64_t)(*digit - '0');
	}
	return number;
}

/* The value of a digit of any base up to 16; 16 for any other character. */
static unsigned digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned)(c - 'a' + 10);
	return c >= 'A' && c <= 'F' ? (unsigned)(c - 'A' + 10) : 16;
}

/* A number as C writes it, decimal or with 0x; *AT is moved behind it. */
static uint64_t parse_number(const char **at)
{
	unsigned base = 10;
	uint64_t number = 0;

	if ((*at)[0] == '0' && (*at)[1] == 'x') {
		base = 16;
		*at += 2;
	}
	for (; digit_value(**at) < base; ++*at)
		number = number * base + digit_value(**at);
	return number;
}

uint64_t boot_virtio_mmio(const char *command_line, unsigned index)
{
	static const char name[] = "virtio_mmio.device=";

	for (const char *word = command_line; *word; word++) {
		if ((word != command_line && word[-1] != ' ') || strncmp(word, name, sizeof(name) - 1) != 0)
			continue;
		if (index--)
			continue;
		word += sizeof(name) - 1;
		parse_number(&word);
		/* the size may have a unit; the address is what counts */
		while (*word == 'k' || *word == 'K' || *word == 'M')
			word++;
		if (*word != '@')
			return 0;
		word++;
		return parse_number(&word);
	}
	return 0;
}
