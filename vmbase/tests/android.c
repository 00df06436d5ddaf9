// SPDX-License-Identifier: Apache-2.0
/*
 * A function as Android's compiler makes it: its stack guard is the thread's, not the library's variable (vmbase/build.mk has the
 * options).  For selftest.c.
 */
unsigned android_fill(unsigned count);

unsigned android_fill(unsigned count)
{
	volatile char buffer[8];
	volatile char *at = buffer;

	for (unsigned i = 0; i < count; i++)
		at[i] = 'x';
	return count;
}
