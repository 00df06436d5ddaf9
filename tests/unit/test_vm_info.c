/* SPDX-License-Identifier: Apache-2.0 */
/* What is told of VMs, and when it is believed; and VMs that are held. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/transport.h"
#include "descriptor_count.h"
#include "virtmgr/hold.h"
#include "virtmgr/vm_directory.h"
#include "xml_fixture.h"

#define CASE(name) Test(virtmgr_info, name, .init = fixture_begin, .fini = fixture_end, .timeout = 60)

static struct vm_directory create(uint32_t cid)
{
	struct vm_directory directory = VM_DIRECTORY_NONE;
	struct refusal refusal = { .text = "" };

	cr_assert_eq(vm_directory_create(fixture_root(), cid, &directory, &refusal), 0, "%s", refusal.text);
	return directory;
}

static struct evm_message info_of(uint32_t cid, enum evm_vm_state state)
{
	struct evm_message info;

	evm_message_init(&info, EVM_VM_INFO, 0);
	info.cid = cid;
	info.state = state;
	info.client_uid = 4711;
	strcpy(info.name, "a_name");
	strcpy(info.path, "/system/bin/a_client");
	return info;
}

static void publish(const struct vm_directory *directory, enum evm_vm_state state)
{
	struct evm_message info = info_of(directory->cid, state);

	cr_assert_eq(vm_info_publish(directory->fd, directory->lock, &info), 0);
}

/* The CIDs that are told, with their states: "100:1 103:3". */
static const char *told(void)
{
	static char text[200];
	struct evm_message info;

	*text = 0;
	for (uint32_t from = 0; vm_info_next(fixture_root(), from, &info) == 0; from = info.cid + 1)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%u:%u", *text ? " " : "", info.cid,
			 info.state);
	return text;
}

CASE(vms_are_told_in_the_order_of_their_cids)
{
	struct vm_directory b, a;
	struct evm_message info;
	int before;

	cr_expect_str_eq(told(), "", "there is no directory");
	b = create(103);
	a = create(100);
	cr_expect_str_eq(told(), "", "nothing was told yet");
	publish(&b, EVM_STATE_READY);
	publish(&a, EVM_STATE_NOT_STARTED);
	publish(&a, EVM_STATE_STARTING);
	before = count_descriptors();
	cr_expect_str_eq(told(), "100:1 103:3");
	cr_expect_eq(count_descriptors(), before);
	cr_assert_eq(vm_info_next(fixture_root(), 101, &info), 0);
	cr_expect_str_eq(info.name, "a_name");
	cr_expect_str_eq(info.path, "/system/bin/a_client");
	cr_expect_eq(info.client_uid, 4711);
	vm_directory_release(&b);
	cr_expect_str_eq(told(), "100:1");
	vm_directory_release(&a);
	cr_expect_str_eq(told(), "");
	cr_expect_eq(vm_info_next(fixture_root(), UINT32_MAX, &info), -ENOENT);
}

/* Asking must not take the lock, not for a moment: a manager would find its CID taken. */
CASE(who_asks_is_in_nobodys_way)
{
	struct vm_directory a = create(100), other = VM_DIRECTORY_NONE;
	struct refusal refusal;

	publish(&a, EVM_STATE_READY);
	cr_expect_str_eq(told(), "100:3");
	cr_expect_eq(vm_directory_create(fixture_root(), 100, &other, &refusal), -EBUSY);
	vm_directory_release(&a);
	a = create(100);
	cr_expect_str_eq(told(), "");
	vm_directory_release(&a);
}

/* A manager that was killed leaves directory and file; its locks are gone. */
CASE(what_a_dead_manager_has_left_is_not_believed)
{
	struct vm_directory a = create(100);

	publish(&a, EVM_STATE_READY);
	close(a.lock);
	cr_expect_eq(access(fixture_path("/mnt/vm/early/100/state"), F_OK), 0);
	cr_expect_str_eq(told(), "");
	close(a.manager);
	close(a.fd);
	a = create(100);
	cr_expect_str_eq(told(), "", "a new lock does not make the old file true");
	vm_directory_release(&a);
}

CASE(what_can_not_be_told_is_not_told_wrongly)
{
	struct vm_directory a = create(100);
	struct evm_message nameless = info_of(100, EVM_STATE_DEAD);

	publish(&a, EVM_STATE_READY);
	*nameless.name = 0;
	cr_expect_eq(vm_info_publish(a.fd, a.lock, &nameless), -EINVAL);
	cr_expect_str_eq(told(), "", "the old state is not the state any more");
	publish(&a, EVM_STATE_FINISHED);
	cr_expect_str_eq(told(), "100:4");
	vm_directory_release(&a);
}

/* The directory belongs to the VM's user, who may create anything there. */
CASE(files_that_are_none_are_passed_over)
{
	struct vm_directory a = create(100), b = create(101), c = create(102);
	struct evm_message other = info_of(7, EVM_STATE_READY);

	publish(&a, EVM_STATE_READY);
	publish(&b, EVM_STATE_READY);
	cr_assert_eq(vm_info_publish(c.fd, c.lock, &other), 0);
	cr_assert_eq(unlinkat(a.fd, "state", 0), 0);
	cr_assert_eq(mkfifoat(a.fd, "state", 0600), 0);
	fixture_write("/mnt/vm/early/101/state", "nonsense");
	cr_expect_str_eq(told(), "");
	vm_directory_release(&a);
	vm_directory_release(&b);
	vm_directory_release(&c);
}

/* --- held VMs --- */

static struct hold hold;
static int loop, ended;

static void on_ended(void *data)
{
	const struct vm_directory *directory = data;

	ended++;
	hold_end(&hold, directory->fd);
}

/* What comes back when REQUEST is sent to the manager of a VM that is held; 0 for no answer. */
static enum evm_status ask(const struct vm_directory *directory, enum evm_message_type type, uint32_t cid)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct evm_message message;
	const char *problem;

	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/manager.sock", directory->fd);
	cr_assert_eq(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	evm_message_init(&message, type, 5);
	message.cid = cid;
	cr_assert_eq(evm_send(fd, &message, 0), 0);
	cr_assert_eq(event_loop_turn(loop), 0, "the connection");
	cr_assert_eq(event_loop_turn(loop), 0, "the request");
	cr_assert_eq(evm_receive(fd, 0, &message, &problem), 0);
	cr_expect_eq(message.request, 5);
	close(fd);
	return message.status;
}

CASE(a_vm_that_is_held_can_be_given_up_by_others)
{
	struct vm_directory directory = create(100);

	loop = event_loop_open();
	hold_init(&hold, loop, on_ended, &directory);
	cr_expect_not(hold_is_on(&hold));
	cr_assert_eq(hold_begin(&hold, 100, directory.fd), 0);
	cr_assert_eq(hold_begin(&hold, 100, directory.fd), 0, "twice is once");
	cr_expect(hold_is_on(&hold));
	cr_expect_eq(ask(&directory, EVM_STOP_VM, 100), EVM_STATUS_PROTOCOL);
	cr_expect_eq(ask(&directory, EVM_UNHOLD_VM, 101), EVM_STATUS_STATE);
	cr_expect_eq(ended, 0);
	cr_expect_eq(ask(&directory, EVM_UNHOLD_VM, 100), EVM_STATUS_OK);
	cr_expect_eq(ended, 1);
	cr_expect_not(hold_is_on(&hold));
	cr_expect_neq(faccessat(directory.fd, "manager.sock", F_OK, 0), 0);
	cr_assert_eq(hold_begin(&hold, 100, directory.fd), 0, "and it can be held again");
	hold_end(&hold, directory.fd);
	vm_directory_release(&directory);
	close(loop);
}

/* Sends the request as another user, to whom directory and socket are open; the exit status of the child: 0, if there was no answer. */
static pid_t ask_as(uid_t user, const struct vm_directory *directory)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	pid_t child = fork();
	struct evm_message message;
	const char *problem;
	int fd;

	if (child)
		return child;
	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/manager.sock", directory->fd);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (seteuid(0) < 0 || setresuid(user, user, user) < 0 ||
	    connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		_exit(2);
	evm_message_init(&message, EVM_UNHOLD_VM, 5);
	message.cid = 100;
	evm_send(fd, &message, 0);
	_exit(evm_receive(fd, 0, &message, &problem) == 0);
}

CASE(only_root_and_the_managers_user_release_a_vm)
{
	struct vm_directory directory;
	int status;
	pid_t child;

	if (geteuid() != 0)
		cr_skip_test("needs root, to be two other users");
	directory = create(100);
	loop = event_loop_open();
	hold_init(&hold, loop, on_ended, &directory);
	cr_assert_eq(hold_begin(&hold, 100, directory.fd), 0);
	cr_assert_eq(fchmod(directory.fd, 0755), 0);
	cr_assert_eq(fchmodat(directory.fd, "manager.sock", 0777, 0), 0);
	cr_assert_eq(seteuid(1000), 0, "the manager's user");
	child = ask_as(1001, &directory);
	cr_assert_eq(event_loop_turn(loop), 0);
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_expect_eq(status, 0, "another user's connection is closed");
	cr_expect(hold_is_on(&hold));
	cr_assert_eq(seteuid(0), 0);
	hold_end(&hold, directory.fd);
	vm_directory_release(&directory);
	close(loop);
}

/* Peers that send nothing are limited in number. */
CASE(silent_peers_are_limited)
{
	struct vm_directory directory = create(100);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fds[HOLD_MAX_PEERS + 3], before;
	char byte;

	loop = event_loop_open();
	hold_init(&hold, loop, on_ended, &directory);
	cr_assert_eq(hold_begin(&hold, 100, directory.fd), 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/manager.sock", directory.fd);
	before = count_descriptors();
	for (int i = 0; i < HOLD_MAX_PEERS + 3; i++) {
		fds[i] = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
		cr_assert_eq(connect(fds[i], (struct sockaddr *)&address, sizeof(address)), 0);
		cr_assert_eq(event_loop_turn(loop), 0);
	}
	cr_expect_eq(count_descriptors(), before + HOLD_MAX_PEERS + 3 + HOLD_MAX_PEERS);
	cr_expect_eq(recv(fds[HOLD_MAX_PEERS], &byte, 1, 0), 0, "closed");
	hold_end(&hold, directory.fd);
	for (int i = 0; i < HOLD_MAX_PEERS + 3; i++)
		close(fds[i]);
	cr_expect_eq(count_descriptors(), before - 3, "the listener, the spare one and the timer");
	vm_directory_release(&directory);
	close(loop);
}

/* A pending connection would wake the loop again and again. */
CASE(a_peer_is_rejected_when_there_is_no_descriptor_for_it)
{
	struct vm_directory directory = create(100);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct rlimit limit = { 128, 128 };
	struct epoll_event event;
	int peer = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	ssize_t n;
	char byte;

	loop = event_loop_open();
	hold_init(&hold, loop, on_ended, &directory);
	cr_assert_eq(hold_begin(&hold, 100, directory.fd), 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/manager.sock", directory.fd);
	cr_assert_eq(connect(peer, (struct sockaddr *)&address, sizeof(address)), 0);
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	while (dup(peer) >= 0)
		;
	cr_assert_eq(errno, EMFILE);
	cr_assert_eq(event_loop_turn(loop), 0);
	n = recv(peer, &byte, 1, MSG_DONTWAIT);
	cr_expect(n == 0 || (n < 0 && errno == ECONNRESET), "closed");
	cr_expect_eq(epoll_wait(loop, &event, 1, 0), 0, "nobody is at the door");
	cr_expect(hold_is_on(&hold));
	hold_end(&hold, directory.fd);
	vm_directory_release(&directory);
}

/* Another process may take the place of the spare descriptor; or there is no memory. */
CASE(a_peer_waits_when_it_can_not_even_be_rejected)
{
	struct vm_directory directory = create(100);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct epoll_event event;
	struct evm_message message;
	struct rlimit limit;
	const char *problem;
	int peer = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	loop = event_loop_open();
	hold_init(&hold, loop, on_ended, &directory);
	cr_assert_eq(hold_begin(&hold, 100, directory.fd), 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/manager.sock", directory.fd);
	cr_assert_eq(connect(peer, (struct sockaddr *)&address, sizeof(address)), 0);
	evm_message_init(&message, EVM_UNHOLD_VM, 5);
	message.cid = 100;
	cr_assert_eq(evm_send(peer, &message, 0), 0);
	cr_assert_eq(close(hold.spare), 0);
	hold.spare = -1;
	limit = forbid_descriptors();
	cr_assert_eq(event_loop_turn(loop), 0);
	cr_expect_eq(epoll_wait(loop, &event, 1, 0), 0, "the loop is not woken again at once");
	allow_descriptors(&limit);
	for (int i = 0; i < 3; i++)
		cr_assert_eq(event_loop_turn(loop), 0, "the pause is over; the connection; the request");
	cr_expect_eq(ended, 1);
	cr_assert_eq(evm_receive(peer, 0, &message, &problem), 0);
	cr_expect_eq(message.status, EVM_STATUS_OK);
	close(peer);
	vm_directory_release(&directory);
	close(loop);
}
