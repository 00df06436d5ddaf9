/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every decision of the policy against an independent statement of DESIGN.md section 3: its two tables, written here as
 * data, and the reasons, each with the requests that it is true of.
 */
#include <criterion/criterion.h>

#include "decide_short_enums.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define BIT(n) (1u << (n))

enum {
	NONE = BIT(EVM_ROLE_NONE),
	CLIENT = BIT(EVM_ROLE_CLIENT),
	MANAGER = BIT(EVM_ROLE_MANAGER),
	VMM = BIT(EVM_ROLE_VMM),
	KVM_USER = BIT(EVM_ROLE_KVM_USER),
	ANY_ROLE = BIT(EVM_ROLE_COUNT) - 1,
};

/* Every label that a task can carry, with two clients. */
static const struct evm_label labels[] = {
	{ 0, EVM_ROLE_NONE },    { 1, EVM_ROLE_CLIENT }, { 2, EVM_ROLE_CLIENT }, { 1, EVM_ROLE_MANAGER },
	{ 2, EVM_ROLE_MANAGER }, { 1, EVM_ROLE_VMM },    { 2, EVM_ROLE_VMM },    { 0, EVM_ROLE_KVM_USER },
};

static bool same_label(struct evm_label a, struct evm_label b)
{
	return a.client == b.client && a.role == b.role;
}

/* --- the first table: what an exec makes of the label -------------------------------------------------------- */

enum whose { OF_THE_FILE, OF_THE_TASK, OF_NOBODY };

/* The first row that fits a file's kind and the task's role; no row: the label is dropped. */
static const struct {
	__u32 kind;
	__u32 from;
	__u32 role;
	enum whose client;
} exec_rows[] = {
	{ EVM_KIND_CLIENT, ANY_ROLE, EVM_ROLE_CLIENT, OF_THE_FILE },
	{ EVM_KIND_MANAGER, CLIENT, EVM_ROLE_MANAGER, OF_THE_TASK },
	{ EVM_KIND_VMM, CLIENT | MANAGER, EVM_ROLE_VMM, OF_THE_TASK },
	{ EVM_KIND_KVM_USER, ANY_ROLE, EVM_ROLE_KVM_USER, OF_NOBODY },
	{ EVM_KIND_VMM, KVM_USER, EVM_ROLE_KVM_USER, OF_NOBODY },
};

/* What makes an exec unclean: the bit of a fact, and its value that is the wrong one. */
/* clang-format off */
static const struct {
	__u32 reason;
	__u32 fact;
	__u32 wrong;
	__u32 pardoned_by; /* a kind of the file */
} unclean_rows[] = {
	{ EVM_EXEC_TRACED, 0, 1, 0 },
	{ EVM_EXEC_USER_NS, 1, 1, 0 },
	{ EVM_EXEC_MOUNT_NS, 2, 1, 0 },
	{ EVM_EXEC_NO_NEW_PRIVS, 3, 1, EVM_KIND_ALLOW_NNP },
	{ EVM_EXEC_NOT_ELF, 4, 0, 0 },
	{ EVM_EXEC_INTERPRETED, 5, 1, 0 },
	{ EVM_EXEC_SHARED_FS, 6, 1, 0 },
};
/* clang-format on */

enum { FACTS = 7, KINDS = 5 };

struct exec_case {
	struct evm_label now;
	__u32 client; /* of the file */
	__u32 kinds;
	__u32 facts;
};

static struct evm_label expected_label(const struct exec_case *c)
{
	const __u32 clients[] = { [OF_THE_FILE] = c->client, [OF_THE_TASK] = c->now.client, [OF_NOBODY] = 0 };

	for (size_t i = 0; i < COUNT(exec_rows); i++)
		if ((c->kinds & exec_rows[i].kind) && (BIT(c->now.role) & exec_rows[i].from))
			return (struct evm_label){ clients[exec_rows[i].client], exec_rows[i].role };
	return (struct evm_label){ 0, EVM_ROLE_NONE };
}

/* Does REASON apply to this exec?  0: does any reason apply? */
static bool is_unclean(const struct exec_case *c, __u32 reason)
{
	for (size_t i = 0; i < COUNT(unclean_rows); i++)
		if ((!reason || unclean_rows[i].reason == reason) && !(c->kinds & unclean_rows[i].pardoned_by) &&
		    (c->facts >> unclean_rows[i].fact & 1) == unclean_rows[i].wrong)
			return true;
	return false;
}

static struct evm_exec_verdict decide(const struct exec_case *c)
{
	__u32 f = c->facts;
	/* The kernel hands over raw values: any number but 0 is a yes. */
	struct evm_exec facts = { .traced = (f & 1) * 2,
				  .user_ns = (f >> 1 & 1) * 31,
				  .mount_ns = (f >> 2 & 1) * 32,
				  .no_new_privs = (f >> 3 & 1) * 4,
				  .not_elf = (~f >> 4 & 1) * 0x80000000u,
				  .interpreted = f >> 5 & 1,
				  .shared_fs = f >> 6 & 1 };
	struct evm_exec_verdict verdict = evm_decide_exec(c->now, c->client, c->kinds, facts);
	struct evm_exec_verdict shorter = short_enums_exec(c->now, c->client, c->kinds, facts);

	cr_assert(same_label(verdict.next, shorter.next) && verdict.reason == shorter.reason &&
		  verdict.secure == shorter.secure);
	return verdict;
}

/* Calls CHECK for every exec: each label, each set of kinds (a client's file has one of two owners), all facts. */
static unsigned int each_exec(void (*check)(const struct exec_case *c, struct evm_exec_verdict verdict))
{
	unsigned int done = 0;

	for (size_t l = 0; l < COUNT(labels); l++) {
		for (__u32 kinds = 0; kinds < BIT(KINDS); kinds++) {
			__u32 last = kinds & EVM_KIND_CLIENT ? 2 : 0;

			for (__u32 client = last ? 1 : 0; client <= last; client++) {
				for (__u32 facts = 0; facts < BIT(FACTS); facts++, done++) {
					struct exec_case c = { labels[l], client, kinds, facts };

					check(&c, decide(&c));
				}
			}
		}
	}
	return done;
}

#define WHERE "label {%u, role %u}, file of client %u with kinds %#x, facts %#x: next {%u, role %u}, reason %u"
#define WHERE_ARGS(c, v) (c)->now.client, (c)->now.role, (c)->client, (c)->kinds, (c)->facts, (v).next.client, \
			 (v).next.role, (v).reason

static void exec_follows_table(const struct exec_case *c, struct evm_exec_verdict verdict)
{
	struct evm_label wanted = expected_label(c);
	bool has_it =
		wanted.role == EVM_ROLE_NONE ||
		(wanted.role == EVM_ROLE_KVM_USER ? c->now.role == EVM_ROLE_KVM_USER : c->now.client == wanted.client);

	if (has_it || !is_unclean(c, 0)) {
		cr_assert(same_label(verdict.next, wanted), WHERE, WHERE_ARGS(c, verdict));
		cr_assert_eq(verdict.reason, EVM_ALLOWED, WHERE, WHERE_ARGS(c, verdict));
		return;
	}
	cr_assert(verdict.reason != EVM_ALLOWED && is_unclean(c, verdict.reason), WHERE, WHERE_ARGS(c, verdict));
}

Test(decide_exec, follows_the_table)
{
	/* 8 labels, 16 sets of kinds with two owners and 16 with none, 128 sets of facts */
	cr_assert_eq(each_exec(exec_follows_table), 8 * (16 * 2 + 16) * 128);
}

static void denied_has_no_label(const struct exec_case *c, struct evm_exec_verdict verdict)
{
	if (verdict.reason == EVM_ALLOWED)
		return;
	cr_assert(same_label(verdict.next, labels[0]), WHERE, WHERE_ARGS(c, verdict));
	cr_assert_eq(verdict.secure, 0, WHERE, WHERE_ARGS(c, verdict));
}

Test(decide_exec, refused_gain_carries_no_label)
{
	each_exec(denied_has_no_label);
}

static void unlabelled_task_gains_by_own_file_alone(const struct exec_case *c, struct evm_exec_verdict verdict)
{
	if (c->now.role != EVM_ROLE_NONE || (c->kinds & (EVM_KIND_CLIENT | EVM_KIND_KVM_USER)))
		return;
	cr_assert(same_label(verdict.next, labels[0]), WHERE, WHERE_ARGS(c, verdict));
}

Test(decide_exec, manager_and_vmm_give_an_unlabelled_task_nothing)
{
	each_exec(unlabelled_task_gains_by_own_file_alone);
}

/* A client's number is a right: a task gains it only by a clean exec of that client's own file. */
static void no_unclean_gain(const struct exec_case *c, struct evm_exec_verdict verdict)
{
	if (!verdict.next.client || verdict.next.client == c->now.client)
		return;
	cr_assert(!is_unclean(c, 0), WHERE, WHERE_ARGS(c, verdict));
	cr_assert((c->kinds & EVM_KIND_CLIENT) && verdict.next.client == c->client, WHERE, WHERE_ARGS(c, verdict));
	cr_assert_eq(verdict.next.role, EVM_ROLE_CLIENT, WHERE, WHERE_ARGS(c, verdict));
}

Test(decide_exec, no_gain_is_unclean)
{
	each_exec(no_unclean_gain);
}

static void secure_when_labelled(const struct exec_case *c, struct evm_exec_verdict verdict)
{
	bool by_manager = c->now.role == EVM_ROLE_MANAGER && verdict.next.role == EVM_ROLE_VMM;

	cr_assert_eq(verdict.secure, verdict.next.role != EVM_ROLE_NONE && !by_manager, WHERE, WHERE_ARGS(c, verdict));
}

Test(decide_exec, labelled_programs_are_secure_but_for_a_managers_vmm)
{
	each_exec(secure_when_labelled);
}

static void label_is_well_formed(const struct exec_case *c, struct evm_exec_verdict verdict)
{
	bool known = false;

	for (size_t i = 0; i < COUNT(labels); i++)
		known |= same_label(verdict.next, labels[i]);
	cr_assert(known, WHERE, WHERE_ARGS(c, verdict));
}

Test(decide_exec, gives_no_label_that_is_not_one)
{
	each_exec(label_is_well_formed);
}

/* --- the second table: what a label may do ------------------------------------------------------------------- */

enum {
	DEVICE_OPS = BIT(EVM_OP_OPEN) | BIT(EVM_OP_RECEIVE) | BIT(EVM_OP_CREATE_VM) | BIT(EVM_OP_VSOCK_IOCTL),
	CLAIM_OPS = BIT(EVM_OP_SET_CID) | BIT(EVM_OP_RUN_CID),
	BIND_OPS = BIT(EVM_OP_BIND_PORT) | BIT(EVM_OP_BIND_CID),
};

/* Whose is the CID or port? */
enum { NOBODYS = 1, OWN = 2, OTHERS = 4, LISTED = OWN | OTHERS, ANYBODYS = 7 };
enum { OUTSIDE = 1, RESERVED = 2, ANYWHERE = 3 };
enum { STOPPED = 1, RUNNING = 2, ANYHOW = 3 };

/* A set of requests. */
struct requests {
	__u32 ops, roles, owners, places, states;
};

/* What is allowed: the table, a row for each cell or group of cells that says yes. */
static const struct requests rights[] = {
	{ DEVICE_OPS, CLIENT | VMM | KVM_USER, ANYBODYS, ANYWHERE, ANYHOW },
	{ BIT(EVM_OP_SET_CID), CLIENT | VMM, OWN, ANYWHERE, STOPPED },
	{ BIT(EVM_OP_RUN_CID), CLIENT | VMM, OWN, ANYWHERE, ANYHOW },
	{ BIT(EVM_OP_SET_CID), KVM_USER, NOBODYS, OUTSIDE, STOPPED },
	{ BIT(EVM_OP_RUN_CID), KVM_USER, NOBODYS, OUTSIDE, ANYHOW },
	{ BIND_OPS, ANY_ROLE, NOBODYS, ANYWHERE, ANYHOW },
	{ BIND_OPS, CLIENT | MANAGER, OWN, ANYWHERE, ANYHOW },
};

/* What each reason says: the requests that it is true of. */
static const struct {
	__u32 reason;
	struct requests of;
} reasons[] = {
	{ EVM_NO_LABEL, { DEVICE_OPS | CLAIM_OPS | BIND_OPS, NONE, ANYBODYS, ANYWHERE, ANYHOW } },
	{ EVM_WRONG_ROLE, { DEVICE_OPS | CLAIM_OPS, MANAGER, ANYBODYS, ANYWHERE, ANYHOW } },
	{ EVM_WRONG_ROLE, { BIND_OPS, VMM | KVM_USER, LISTED, ANYWHERE, ANYHOW } },
	{ EVM_FOREIGN_CID, { CLAIM_OPS | BIND_OPS, ANY_ROLE, OTHERS, ANYWHERE, ANYHOW } },
	{ EVM_UNLISTED_CID, { CLAIM_OPS, CLIENT | VMM, NOBODYS, ANYWHERE, ANYHOW } },
	{ EVM_RESERVED_CID, { CLAIM_OPS, KVM_USER, ANYBODYS, RESERVED, ANYHOW } },
	{ EVM_CLAIM_RUNNING, { BIT(EVM_OP_SET_CID), ANY_ROLE, ANYBODYS, ANYWHERE, RUNNING } },
};

static bool is_one_of(const struct requests *set, struct evm_label label, struct evm_access access)
{
	__u32 owner = !access.owner ? NOBODYS : access.owner == label.client ? OWN : OTHERS;

	return (BIT(access.op) & set->ops) && (BIT(label.role) & set->roles) && (owner & set->owners) &&
	       ((access.reserved ? RESERVED : OUTSIDE) & set->places) &&
	       ((access.running ? RUNNING : STOPPED) & set->states);
}

static bool has_right(struct evm_label label, struct evm_access access)
{
	for (size_t i = 0; i < COUNT(rights); i++)
		if (is_one_of(&rights[i], label, access))
			return true;
	return false;
}

static bool reason_is_true(__u32 reason, struct evm_label label, struct evm_access access)
{
	for (size_t i = 0; i < COUNT(reasons); i++)
		if (reasons[i].reason == reason && is_one_of(&reasons[i].of, label, access))
			return true;
	return false;
}

static unsigned int each_access(void (*check)(struct evm_label label, struct evm_access access, __u32 answer))
{
	unsigned int done = 0;

	for (size_t l = 0; l < COUNT(labels); l++) {
		for (__u32 op = EVM_OP_OPEN; op <= EVM_OP_BIND_CID; op++) {
			for (__u32 rest = 0; rest < 3 * 2 * 2; rest++, done++) {
				struct evm_access access = {
					.op = op, .owner = rest % 3, .reserved = rest / 3 % 2, .running = rest / 6
				};
				__u32 answer = evm_decide_access(labels[l], access);

				cr_assert_eq(answer, short_enums_access(labels[l], access));
				check(labels[l], access, answer);
			}
		}
	}
	return done;
}

static void access_follows_table(struct evm_label label, struct evm_access access, __u32 answer)
{
	cr_assert_eq(answer == EVM_ALLOWED, has_right(label, access),
		     "label {%u, role %u}, op %u, owner %u, reserved %u, running %u: answer %u", label.client,
		     label.role, access.op, access.owner, access.reserved, access.running, answer);
	cr_assert(answer == EVM_ALLOWED || reason_is_true(answer, label, access),
		  "label {%u, role %u}, op %u, owner %u, reserved %u, running %u: reason %u is not true", label.client,
		  label.role, access.op, access.owner, access.reserved, access.running, answer);
}

Test(decide_access, follows_the_table)
{
	/* 8 labels, 8 operations, 3 owners, reserved or not, running or not */
	cr_assert_eq(each_access(access_follows_table), 8 * 8 * 3 * 2 * 2);
}

static void devices_are_for_three_roles(struct evm_label label, struct evm_access access, __u32 answer)
{
	bool device = BIT(access.op) & (DEVICE_OPS | CLAIM_OPS);

	if (device && !(BIT(label.role) & (CLIENT | VMM | KVM_USER)))
		cr_assert_neq(answer, EVM_ALLOWED, "role %u, op %u", label.role, access.op);
}

Test(decide_access, role_without_device_rights_never_passes_a_device_operation)
{
	each_access(devices_are_for_three_roles);
}

static void listed_is_the_owners(struct evm_label label, struct evm_access access, __u32 answer)
{
	if ((BIT(access.op) & (CLAIM_OPS | BIND_OPS)) && access.owner && access.owner != label.client)
		cr_assert_neq(answer, EVM_ALLOWED, "client %u, op %u, owner %u", label.client, access.op, access.owner);
}

Test(decide_access, what_is_listed_is_its_owners_alone)
{
	each_access(listed_is_the_owners);
}

static void running_keeps_its_cid(struct evm_label label, struct evm_access access, __u32 answer)
{
	if (access.op == EVM_OP_SET_CID && access.running)
		cr_assert_neq(answer, EVM_ALLOWED, "client %u, role %u", label.client, label.role);
}

Test(decide_access, running_device_keeps_its_cid)
{
	each_access(running_keeps_its_cid);
}

/* --- tracing ------------------------------------------------------------------------------------------------- */

Test(decide_trace, labelled_tasks_are_traced_by_their_own_client_alone)
{
	for (size_t tracer = 0; tracer < COUNT(labels); tracer++) {
		for (size_t target = 0; target < COUNT(labels); target++) {
			bool unlabelled = labels[tracer].role == EVM_ROLE_NONE,
			     labelled = labels[target].role != EVM_ROLE_NONE;
			bool own = !unlabelled && labels[tracer].client == labels[target].client;

			cr_assert_eq(evm_decide_trace(labels[tracer], labels[target], 0),
				     labelled && !own ? EVM_SEALED_TASK : EVM_ALLOWED, "tracer %zu, target %zu", tracer,
				     target);
			cr_assert_eq(evm_decide_trace(labels[tracer], labels[target], 1), EVM_ALLOWED);
		}
	}
}

Test(decide, other_compilers_agree)
{
	cr_assert_lt(short_enums_size(), sizeof(int), "the object was not compiled with -fshort-enums");
}
