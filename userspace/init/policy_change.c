/* SPDX-License-Identifier: Apache-2.0 */
#include "init/policy_change.h"

#include <errno.h>
#include <string.h>

#include "common/bpf_sys.h"
#include "common/cleanup.h"
#include "common/early_vms.h"
#include "common/log.h"
#include "init/write_maps.h"
#include "init/kernel_table.h"
#include "init/policy_pinned.h"
#include "init/gate_proof.h"
#include "init/exec_proof.h"
#include "init/seal.h"
#include "init/remove_unlisted.h"

/* What the files list now, and what the kernel has. */
struct change {
	struct policy_object object;
	int lock;
	struct platform_policy policy;
	struct early_vms vms;
	struct plan plan;
	struct rule_set set;
	struct kernel_table table;
	size_t refused;
};

/* Too large for a stack; an initialiser would put all of it, as zeros, into the program. */
static struct change change;

static void end(struct change **c)
{
	early_vms_free(&(*c)->vms);
	platform_policy_free(&(*c)->policy);
	policy_object_close(&(*c)->object);
	(*c)->lock = close_fd((*c)->lock);
}

static enum evm_exit_code open_policy(struct change *c, const char *policy_file)
{
	int r;

	c->object = (struct policy_object)POLICY_OBJECT_EMPTY;
	c->lock = -1;
	r = policy_pinned_open(&c->object, &c->lock);
	if (r)
		return r == -ENOENT ? EVM_EXIT_NO_POLICY : r == -EPERM ? EVM_EXIT_SEALED : EVM_EXIT_FAILURE;
	return platform_policy_read("", policy_file, &c->policy) ? EVM_EXIT_CONFIG : EVM_EXIT_OK;
}

/* Reads all that is listed now, and gives clients that the kernel knows their numbers. */
static enum evm_exit_code read_lists(struct change *c)
{
	uint32_t last;

	if (early_vms_read("", &c->policy.partitions, &c->vms))
		return EVM_EXIT_FAILURE;
	plan_make(&c->vms, &c->policy, &c->plan);
	if (kernel_table_read(&c->object, &c->table))
		return EVM_EXIT_FAILURE;
	last = plan_renumber(&c->plan, c->table.clients, c->table.client_count, c->table.last_client);
	if (rule_set_make(&c->plan, &c->object, &c->set) || kernel_table_check_room(&c->table, &c->plan, &c->set))
		return EVM_EXIT_FAILURE;
	c->refused = c->vms.refused + c->set.refused;
	/* Before a new number can be in a label. */
	return write_last_client(&c->object, last) ? EVM_EXIT_FAILURE : EVM_EXIT_OK;
}

static enum evm_exit_code begin(struct change *c, const char *policy_file)
{
	enum evm_exit_code code = open_policy(c, policy_file);

	return code == EVM_EXIT_OK ? read_lists(c) : code;
}

/* The end of all commands: is it still in force, and is it to be sealed? */
static enum evm_exit_code finish(const struct change *c, bool seal)
{
	if (prove_enforcement(&c->object) || prove_exec(&c->object))
		return EVM_EXIT_NOT_ENFORCED;
	if (seal &&
	    seal_policy(&c->object, &(const struct seal_options){ c->policy.debuggable, c->policy.earlier_programs }))
		return EVM_EXIT_NOT_SEALED;
	if (seal)
		log_info("sealed until the next boot");
	return c->refused ? EVM_EXIT_ENTRIES_REFUSED : EVM_EXIT_OK;
}

enum evm_exit_code policy_change_reload(const char *policy_file)
{
	_cleanup_(end) struct change *c = &change;
	enum evm_exit_code code = begin(c, policy_file);

	if (code != EVM_EXIT_OK)
		return code;
	if (write_maps(&c->plan, &c->set, &c->object) || remove_unlisted(&c->table, &c->plan, &c->set, &c->object))
		return EVM_EXIT_LOAD;
	log_info("reloaded: %zu clients, %zu CIDs, %zu other files; %zu entries refused", c->set.clients,
		 c->plan.cid_count, c->set.other_files, c->refused);
	return finish(c, c->policy.seal == SEAL_YES);
}

/* A CID that is new, or refused because the kernel has it as another client's. */
static int add_cid(struct change *c, const struct plan_cid *cid, size_t *added)
{
	uint32_t owner = kernel_table_owner(&c->table, cid->cid);

	if (owner == cid->client)
		return 0;
	if (owner) {
		log_error(
			"CID %u of VM %s refused: it is another client's since the policy was loaded (--reload replaces it)",
			cid->cid, cid->name);
		c->refused++;
		return 0;
	}
	++*added;
	return write_cid(&c->object, cid);
}

/* A file that is new.  A path that has its rule keeps it, also when another file stands there by now. */
static int add_rule(const struct change *c, size_t i, size_t *added)
{
	if (kernel_table_has_id(&c->table, &c->set.ids[i]) || kernel_table_has_path(&c->table, c->set.rules[i].path))
		return 0;
	++*added;
	log_info("%s gets its rule", c->set.rules[i].path);
	return write_rule(&c->object, &c->set.ids[i], &c->set.rules[i]);
}

enum evm_exit_code policy_change_resolve(const char *policy_file)
{
	_cleanup_(end) struct change *c = &change;
	enum evm_exit_code code = begin(c, policy_file);
	size_t cids = 0, rules = 0;
	int r = 0;

	if (code != EVM_EXIT_OK)
		return code;
	if (memcmp(c->plan.reserved, c->table.reserved, sizeof(c->plan.reserved)))
		log_warning("the reserved CIDs stay as they were when the policy was loaded (--reload replaces them)");
	for (size_t i = 0; !r && i < c->plan.cid_count; i++)
		r = add_cid(c, &c->plan.cids[i], &cids);
	for (size_t i = 0; !r && i < c->set.count; i++)
		r = add_rule(c, i, &rules);
	if (r)
		return EVM_EXIT_LOAD;
	log_info("added %zu files and %zu CIDs; %zu entries refused", rules, cids, c->refused);
	return finish(c, false);
}

enum evm_exit_code policy_change_seal(const char *policy_file)
{
	_cleanup_(end) struct change *c = &change;
	enum evm_exit_code code = open_policy(c, policy_file);

	return code == EVM_EXIT_OK ? finish(c, true) : code;
}
