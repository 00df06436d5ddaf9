/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bpf/claim_table.h, as the policy compiles it, on maps of this file: also what another processor does between two steps of
 * begin_claim, which no test on a real kernel could provoke at will.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <early_vm/policy.h>

#undef __always_inline
#define __always_inline inline

enum { PLACES = 4, DEVICE = 0x1000, OTHER_DEVICE = 0x2000 };

/* A hash whose freed places are given away again, as the kernel's are. */
struct table {
	struct place {
		bool used;
		__u64 key;
		struct evm_claim value;
	} places[PLACES];
};

static struct table claims, labels;
static __u64 current_task;
static void (*at_label_look_up)(void); /* happens while begin_claim asks whether the holder lives */

static struct place *find(struct table *table, __u64 key)
{
	for (size_t i = 0; i < PLACES; i++)
		if (table->places[i].used && table->places[i].key == key)
			return &table->places[i];
	return NULL;
}

static struct evm_claim *bpf_map_lookup_elem(struct table *table, const __u64 *key)
{
	struct place *place;

	if (table == &labels && at_label_look_up) {
		void (*happens)(void) = at_label_look_up;

		at_label_look_up = NULL;
		happens();
	}
	place = find(table, *key);
	return place ? &place->value : NULL;
}

static long bpf_map_update_elem(struct table *table, const __u64 *key, const struct evm_claim *value, __u64 flags)
{
	cr_assert_eq(flags, BPF_NOEXIST);
	if (find(table, *key))
		return -EEXIST;
	for (size_t i = 0; i < PLACES; i++) {
		if (!table->places[i].used) {
			table->places[i] = (struct place){ true, *key, *value };
			return 0;
		}
	}
	return -E2BIG;
}

static long bpf_map_delete_elem(struct table *table, const __u64 *key)
{
	struct place *place = find(table, *key);

	if (!place)
		return -ENOENT;
	place->used = false;
	return 0;
}

static void *bpf_get_current_task_btf(void)
{
	return (void *)(uintptr_t)current_task;
}

static __u64 bpf_get_current_pid_tgid(void)
{
	return current_task;
}

static __u64 bpf_ktime_get_ns(void)
{
	return 1;
}

#define CLAIM_TABLE_TEST
#include "../../bpf/claim_table.h"

/* What begin_claim says to TASK, a thread with a label. */
static int begin_as(__u64 task, __u64 device)
{
	const struct evm_claim value = {};

	current_task = task;
	if (!find(&labels, task))
		bpf_map_update_elem(&labels, &task, &value, BPF_NOEXIST);
	return begin_claim(device);
}

static void end_as(__u64 task, __u64 device)
{
	current_task = task;
	end_claim(device);
}

static void die(__u64 task)
{
	bpf_map_delete_elem(&labels, &task);
}

/* Thread 1 is dead and holds DEVICE; thread 2, which has a label, is about to claim it. */
static void leave_a_dead_holder(void)
{
	cr_assert_eq(begin_as(1, DEVICE), 0);
	die(1);
	cr_assert_eq(begin_as(2, OTHER_DEVICE), 0);
	end_as(2, OTHER_DEVICE);
	current_task = 2;
}

static __u64 holder_of(__u64 device)
{
	const struct place *place = find(&claims, device);

	return place ? place->value.task : 0;
}

Test(claim_table, one_at_a_time)
{
	cr_assert_eq(begin_as(1, DEVICE), 0);
	cr_assert_eq(begin_as(2, DEVICE), -EPERM);
	cr_assert_eq(begin_as(2, OTHER_DEVICE), 0);
	end_as(2, DEVICE);
	cr_assert_eq(holder_of(DEVICE), 1);
	end_as(1, DEVICE);
	cr_assert_eq(begin_as(2, DEVICE), 0);
}

Test(claim_table, what_a_thread_left_is_its_own)
{
	cr_assert_eq(begin_as(1, DEVICE), 0);
	cr_assert_eq(begin_as(1, DEVICE), 0);
	cr_assert_eq(holder_of(DEVICE), 1);
}

Test(claim_table, what_a_dead_one_left_is_anyones)
{
	cr_assert_eq(begin_as(1, DEVICE), 0);
	die(1);
	cr_assert_eq(begin_as(2, DEVICE), 0);
	cr_assert_eq(holder_of(DEVICE), 2);
	cr_assert_eq(begin_as(3, DEVICE), -EPERM);
}

/* Another thread takes the place of the dead one first. */
static void another_is_faster(void)
{
	cr_assert_eq(begin_as(3, DEVICE), 0);
	current_task = 2;
}

Test(claim_table, one_of_several_takes_it)
{
	leave_a_dead_holder();
	at_label_look_up = another_is_faster;
	cr_assert_eq(begin_claim(DEVICE), -EPERM);
	cr_assert_eq(holder_of(DEVICE), 3);
}

/*
 * Another thread takes the dead one's place, is done, and frees it; a new thread, at the dead one's address, claims on another device
 * and gets the same place of the table.
 */
static void place_is_another_devices(void)
{
	cr_assert_eq(begin_as(3, DEVICE), 0);
	end_as(3, DEVICE);
	cr_assert_eq(begin_as(1, OTHER_DEVICE), 0);
	die(1); /* not yet, to the look-up of its label that is under way */
	current_task = 2;
}

Test(claim_table, a_place_that_became_another_devices_is_given_back)
{
	leave_a_dead_holder();
	at_label_look_up = place_is_another_devices;
	cr_assert_eq(begin_claim(DEVICE), -EPERM, "it has no entry for the device");
	cr_assert_eq(holder_of(DEVICE), 0);
	cr_assert_eq(holder_of(OTHER_DEVICE), 1, "the other device is its thread's again");
}
