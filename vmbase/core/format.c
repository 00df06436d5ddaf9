// SPDX-License-Identifier: Apache-2.0
#include "vmbase/format.h"

#include <stdbool.h>
#include <stdint.h>

#include "vmbase/string.h"

struct output {
	format_put put;
	void *data;
	size_t count;
};

struct conversion {
	bool left, zero, prefix;
	unsigned width;
	unsigned precision; /* UINT_MAX: none */
	unsigned bits;      /* of a number: 8, 16, 32, 64 */
};

/* A va_list that helpers can read from: as a parameter of its own type it would be an array on x86_64. */
struct arguments {
	va_list list;
};

static void emit(struct output *out, char c)
{
	out->put(out->data, c);
	out->count++;
}

static void emit_times(struct output *out, char c, unsigned times)
{
	while (times--)
		emit(out, c);
}

static void emit_chars(struct output *out, const char *text, unsigned length)
{
	while (length--)
		emit(out, *text++);
}

static unsigned fill_for(const struct conversion *cv, unsigned length)
{
	return cv->width > length ? cv->width - length : 0;
}

/* LENGTH characters at TEXT, filled up to the width on the side that the flags say. */
static void emit_field(struct output *out, const struct conversion *cv, const char *text, unsigned length)
{
	unsigned fill = fill_for(cv, length);

	emit_times(out, ' ', cv->left ? 0 : fill);
	emit_chars(out, text, length);
	emit_times(out, ' ', cv->left ? fill : 0);
}

static void emit_number(struct output *out, const struct conversion *cv, uint64_t value, bool negative, unsigned base,
			char ten)
{
	char text[20]; /* the digits of 2^64 */
	char *digit = text + sizeof(text);
	const char *sign = negative ? "-" : cv->prefix && base == 16 ? "0x" : "";
	unsigned sign_length = (unsigned)strlen(sign), length, fill;

	do {
		unsigned v = (unsigned)(value % base);

		*--digit = (char)(v < 10 ? '0' + v : (unsigned)ten + v - 10);
		value /= base;
	} while (value);
	length = (unsigned)(text + sizeof(text) - digit);
	fill = fill_for(cv, sign_length + length);

	/* Blanks go before the sign, zeros behind it. */
	emit_times(out, ' ', cv->left || cv->zero ? 0 : fill);
	emit_chars(out, sign, sign_length);
	emit_times(out, '0', cv->zero && !cv->left ? fill : 0);
	emit_chars(out, digit, length);
	emit_times(out, ' ', cv->left ? fill : 0);
}

static uint64_t next_unsigned(struct arguments *args, unsigned bits)
{
	uint64_t value = bits == 64 ? va_arg(args->list, uint64_t) : va_arg(args->list, unsigned int);

	return value << (64 - bits) >> (64 - bits);
}

static void emit_signed(struct output *out, const struct conversion *cv, struct arguments *args)
{
	uint64_t value = next_unsigned(args, cv->bits);
	bool negative = value >> (cv->bits - 1) & 1;

	if (negative) /* two's complement of the bits that count */
		value = (0 - value) << (64 - cv->bits) >> (64 - cv->bits);
	emit_number(out, cv, value, negative, 10, 'a');
}

static void emit_text(struct output *out, const struct conversion *cv, const char *text)
{
	if (!text)
		text = "(null)";
	emit_field(out, cv, text, (unsigned)strnlen(text, cv->precision));
}

/* A decimal number at *AT, or the next argument for a '*'. */
static unsigned parse_number(const char **at, struct arguments *args)
{
	unsigned number = 0;

	if (**at == '*') {
		int value = va_arg(args->list, int);

		++*at;
		return value > 0 ? (unsigned)value : 0;
	}
	while (**at >= '0' && **at <= '9')
		number = number * 10 + (unsigned)(*(*at)++ - '0');
	return number;
}

static unsigned parse_size(const char **at)
{
	unsigned bits = 32;

	for (;; ++*at) {
		switch (**at) {
		case 'h':
			bits /= 2;
			break;
		case 'l':
		case 'z':
		case 'j':
		case 't':
			bits = 64;
			break;
		default:
			return bits < 8 ? 8 : bits;
		}
	}
}

/* Everything between the % and the letter. */
static struct conversion parse_conversion(const char **at, struct arguments *args)
{
	struct conversion cv = { .precision = UINT32_MAX };

	for (;; ++*at) {
		if (**at == '-')
			cv.left = true;
		else if (**at == '0')
			cv.zero = true;
		else if (**at == '#')
			cv.prefix = true;
		else
			break;
	}
	cv.width = parse_number(at, args);
	if (**at == '.') {
		++*at;
		cv.precision = parse_number(at, args);
	}
	cv.bits = parse_size(at);
	return cv;
}

/* Writes one conversion; false when LETTER names none. */
static bool convert(struct output *out, struct conversion *cv, char letter, struct arguments *args)
{
	char c;

	switch (letter) {
	case 'd':
	case 'i':
		emit_signed(out, cv, args);
		return true;
	case 'u':
		emit_number(out, cv, next_unsigned(args, cv->bits), false, 10, 'a');
		return true;
	case 'x':
	case 'X':
		emit_number(out, cv, next_unsigned(args, cv->bits), false, 16, (char)('a' + letter - 'x'));
		return true;
	case 'p':
		cv->prefix = true;
		emit_number(out, cv, (uintptr_t)va_arg(args->list, void *), false, 16, 'a');
		return true;
	case 's':
		emit_text(out, cv, va_arg(args->list, const char *));
		return true;
	case 'c':
		c = (char)va_arg(args->list, int);
		emit_field(out, cv, &c, 1);
		return true;
	case '%':
		emit(out, '%');
		return true;
	default:
		return false;
	}
}

size_t format_write(format_put put, void *data, const char *format, va_list args)
{
	struct output out = { .put = put, .data = data };
	struct arguments arguments;

	va_copy(arguments.list, args);
	while (*format) {
		const char *begin = format;
		struct conversion cv;

		if (*format++ != '%') {
			emit(&out, *begin);
			continue;
		}
		cv = parse_conversion(&format, &arguments);
		if (*format && convert(&out, &cv, *format, &arguments))
			format++;
		else
			while (begin < format)
				emit(&out, *begin++);
	}
	va_end(arguments.list);
	return out.count;
}

struct buffer {
	char *next, *last;
};

static void put_in_buffer(void *data, char c)
{
	struct buffer *buffer = data;

	if (buffer->next < buffer->last)
		*buffer->next++ = c;
}

size_t format_string(char *buffer, size_t size, const char *format, ...)
{
	struct buffer to = { .next = buffer, .last = size ? buffer + size - 1 : buffer };
	va_list args;
	size_t length;

	va_start(args, format);
	length = format_write(put_in_buffer, &to, format, args);
	va_end(args);
	if (size)
		*to.next = '\0';
	return length;
}
