/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Android's libbinder said, replayed against the library: a recorded client's bytes to a server of ours, and a recorded
 * server's bytes to a client of ours.  What is answered and asked goes through the AIDL tables: arguments and results are decoded
 * from the recording and encoded anew, and must come out as they were.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/message_fds.h"
#include "descriptor_count.h"
#include "rpc_loop.h"
#include "rpc_transcript.h"
#include "rpcbinder/virtualization_aidl.h"

struct replay {
	struct rpc_loop loop; /* first: rpc_loop_watch */
	const char *name;
	enum aidl_release release;
	struct transcript *transcript;
	struct rpc_endpoint *endpoint;
	struct rpc_session *session;
	bool as_server;
	int bootstrap[2];
	int peers[TRANSCRIPT_MAX_CONNECTIONS]; /* the recorded side's ends */
	int opened;
	struct speech speech; /* what our side said */
	size_t position;      /* the message that is being replayed */
	struct rpc_object objects[16];
	struct rpc_class classes[16];
	size_t object_count;
	uint64_t callbacks; /* that were made */
	bool done;
};

static int dummy_file(void)
{
	int fd = memfd_create("replay", MFD_CLOEXEC);

	cr_assert_geq(fd, 0);
	return fd;
}

static void send_with_files(int socket, const uint8_t *bytes, size_t size, size_t fd_count)
{
	MESSAGE_FDS_ROOM(RPC_MAX_FDS) control;
	struct iovec iov = { (void *)bytes, size };
	struct msghdr header = { .msg_iov = &iov, .msg_iovlen = 1 };
	int fds[RPC_MAX_FDS];

	for (size_t i = 0; i < fd_count; i++)
		fds[i] = dummy_file();
	if (fd_count) {
		header.msg_control = &control;
		message_fds_attach(&header, fds, fd_count);
	}
	/* A server of ours may have hung up, where Android's did. */
	cr_assert(sendmsg(socket, &header, MSG_NOSIGNAL) == (ssize_t)size || errno == EPIPE);
	for (size_t i = 0; i < fd_count; i++)
		close(fds[i]);
}

/* Receives what our side sent. */
static void listen_to(struct replay *replay, int connection)
{
	uint8_t bytes[4096];
	ssize_t n;

	while (replay->peers[connection] >= 0 &&
	       (n = recv(replay->peers[connection], bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
		stream_add(&replay->speech.streams[connection], bytes, (size_t)n);
}

static void run(struct replay *replay)
{
	rpc_loop_run(&replay->loop);
	for (int i = 1; i <= replay->transcript->connections; i++)
		listen_to(replay, i);
}

static void open_peer(struct replay *replay, int connection, int socket)
{
	cr_assert_lt(connection, TRANSCRIPT_MAX_CONNECTIONS);
	replay->peers[connection] = socket;
}

/* Parcel and table of a recorded call or reply; its descriptors are FDS. */
static void recorded_parcel(const struct transcript_message *message, struct parcel_reader *ret, uint32_t version,
			    int *fds)
{
	size_t head = get_le32(message->bytes) == RPC_TRANSACT ? RPC_TRANSACT_BYTES : RPC_REPLY_BYTES;
	const uint8_t *body = message->bytes + RPC_HEADER_BYTES;
	size_t size = get_le32(body + (head == RPC_TRANSACT_BYTES ? 24 : 4));

	parcel_reader_init(ret, body + head, size, version);
	cr_assert(parcel_reader_set_objects(ret, body + head + size,
					    (message->size - RPC_HEADER_BYTES - head - size) / 4));
	ret->fds = fds;
	ret->fd_count = message->fd_count;
	for (size_t i = 0; i < message->fd_count; i++)
		fds[i] = dummy_file();
}

static void close_files(const struct transcript_message *message, int *fds)
{
	for (size_t i = 0; i < message->fd_count; i++)
		close(fds[i]);
}

static const struct transcript_message *recorded_reply(const struct replay *replay)
{
	const struct transcript *transcript = replay->transcript;
	const struct transcript_message *call = &transcript->messages[replay->position];

	for (size_t i = replay->position + 1; i < transcript->count; i++) {
		const struct transcript_message *message = &transcript->messages[i];

		if (message->connection == call->connection && message->to_server != call->to_server &&
		    message->part == PART_MESSAGE && get_le32(message->bytes) == RPC_REPLY)
			return message;
	}
	cr_assert_fail("%s: a call has no reply", replay->name);
	return NULL;
}

static int32_t transact(struct rpc_object *object, struct rpc_call *call);

static struct rpc_object *new_object(struct replay *replay, const char *descriptor)
{
	struct rpc_object *object = &replay->objects[replay->object_count];

	cr_assert_lt(replay->object_count, 16);
	replay->classes[replay->object_count] = (struct rpc_class){ descriptor, transact, NULL };
	object->class = &replay->classes[replay->object_count++];
	return object;
}

static struct replay *current; /* the one that runs */

/* The object at a recorded address: a new one must get this address. */
static void expect_address(struct replay *replay, uint64_t address, const char *descriptor)
{
	static struct {
		uint64_t address;
		struct rpc_object *object;
	} known[16];
	static size_t count;
	static struct replay *owner;

	if (owner != replay)
		count = 0;
	owner = replay;
	for (size_t i = 0; i < count; i++)
		if (known[i].address == address)
			return;
	cr_assert_lt(count, 16);
	known[count].address = address;
	known[count].object = new_object(replay, descriptor);
	cr_assert_eq(rpc_session_address(replay->session, known[count].object), address, "%s: an object's address",
		     replay->name);
	count++;
}

/* The arguments of an incoming call, decoded and encoded, are the same bytes. */
static void check_arguments(struct rpc_call *call, const struct aidl_interface *interface,
			    const struct aidl_method *method, enum aidl_release release)
{
	struct aidl_value arguments[AIDL_MAX_ARGUMENTS];
	struct aidl_arena arena = { 0 };
	struct parcel_writer writer;

	aidl_read_arguments(&call->in, method, release, true, &arena, arguments);
	cr_expect_eq(call->in.status, RPC_OK, "%s of release %s: %d", method->name, aidl_release_name(release),
		     call->in.status);
	parcel_writer_init(&writer, rpc_session_version(call->session));
	aidl_write_request(&writer, interface, method, release, arguments);
	cr_expect_eq(writer.status, RPC_OK);
	cr_expect(writer.size == call->in.size && memcmp(writer.data, call->in.data, writer.size) == 0,
		  "%s is encoded as it was", method->name);
	cr_expect(writer.object_count == call->in.object_count &&
		  memcmp(writer.objects, call->in.objects, sizeof(writer.objects[0]) * writer.object_count) == 0);
	parcel_writer_free(&writer);
	if (method->arguments[0].type && method->arguments[0].type->kind == AIDL_BINDER)
		rpc_session_keep(call->session, arguments[0].binder);
	aidl_arena_free(&arena);
}

/* The recorded reply, decoded and encoded, is the reply. */
static int32_t answer(struct rpc_call *call, const struct aidl_method *method, const struct transcript_message *reply)
{
	struct parcel_reader reader;
	struct aidl_arena arena = { 0 };
	struct aidl_value result;
	const uint8_t *units;
	size_t count;
	int32_t exception, specific, status = (int32_t)get_le32(reply->bytes + RPC_HEADER_BYTES);
	char text[256] = "";
	int fds[RPC_MAX_FDS];

	if (status != RPC_OK)
		return status;
	cr_assert(method, "a reply of a method that is not known");
	recorded_parcel(reply, &reader, rpc_session_version(call->session), fds);
	exception = parcel_read_exception(&reader, &units, &count, &specific);
	if (units)
		parcel_string_copy(units, count, text);
	parcel_write_exception(&call->out, (enum rpc_exception)exception, text, specific);
	if (exception == RPC_EX_NONE) {
		aidl_read(&reader, method->result, current->release, true, &arena, &result);
		if (method->result->kind == AIDL_BINDER)
			expect_address(current, result.binder, aidl_IVirtualMachine.descriptor);
		aidl_write(&call->out, method->result, current->release, &result);
	}
	cr_expect(parcel_read_end(&reader), "the result of %s: %d", method->name, reader.status);
	close_files(reply, fds);
	aidl_arena_free(&arena);
	return RPC_OK;
}

static int32_t transact(struct rpc_object *object, struct rpc_call *call)
{
	const struct aidl_interface *interface = aidl_find_interface(object->class->descriptor);
	const struct aidl_method *method = aidl_find_method(interface, current->release, call->code);

	current->session = call->session; /* the only one */
	if (method)
		check_arguments(call, interface, method, current->release);
	return call->oneway ? RPC_OK : answer(call, method, recorded_reply(current));
}

static void ended(struct rpc_session *session, const char *reason, int error, void *data)
{
	struct replay *replay = data;

	(void)reason;
	(void)error;
	if (session == replay->session)
		replay->session = NULL;
}

/* A call of a side's, from its recording. */
static void make_call(struct replay *replay, const struct transcript_message *message, rpc_done done)
{
	const uint8_t *body = message->bytes + RPC_HEADER_BYTES;
	uint64_t address = get_le64(body);
	uint32_t code = get_le32(body + 8);
	struct parcel_reader reader;
	struct parcel_writer writer;
	struct aidl_arena arena = { 0 };
	struct aidl_value arguments[AIDL_MAX_ARGUMENTS];
	int fds[RPC_MAX_FDS];

	recorded_parcel(message, &reader, rpc_session_version(replay->session), fds);
	parcel_writer_init(&writer, rpc_session_version(replay->session));
	for (size_t i = 0; i < aidl_interface_count && code <= RPC_LAST_USER_CODE; i++) {
		const struct aidl_interface *interface = aidl_interfaces[i];
		const struct aidl_method *method = aidl_find_method(interface, replay->release, code);
		size_t begin = reader.at;

		if (!parcel_read_is_string(&reader, interface->descriptor)) {
			reader.at = begin;
			continue;
		}
		if (!method) { /* an unknown code has no arguments */
			parcel_write_string(&writer, interface->descriptor);
			break;
		}
		aidl_read_arguments(&reader, method, replay->release, true, &arena, arguments);
		cr_assert_eq(reader.status, RPC_OK, "%s: %s: %d", replay->name, method->name, reader.status);
		if (method->arguments[0].type && method->arguments[0].type->kind == AIDL_BINDER)
			expect_address(replay, arguments[0].binder, aidl_IVirtualMachineCallback.descriptor);
		aidl_write_request(&writer, interface, method, replay->release, arguments);
		break;
	}
	cr_expect_eq(rpc_session_call(replay->session, address, code, &writer, 0, done, replay), 0, "%s: a call",
		     replay->name);
	close_files(message, fds);
	aidl_arena_free(&arena);
}

/* A DEC_STRONG of the side that is ours, for an object of the peer's. */
static void give_back(struct replay *replay, const struct transcript_message *message)
{
	uint64_t address = get_le64(message->bytes + RPC_HEADER_BYTES);
	bool made_by_server = address & RPC_ADDRESS_FOR_SERVER;

	if (made_by_server != replay->as_server && replay->session)
		rpc_session_release(replay->session, address);
}

static void begin(struct replay *replay, const char *name, enum aidl_release release, bool as_server)
{
	memset(replay, 0, sizeof(*replay));
	replay->name = name;
	replay->release = release;
	replay->as_server = as_server;
	replay->transcript = transcript_read(name);
	for (int i = 0; i < TRANSCRIPT_MAX_CONNECTIONS; i++)
		replay->peers[i] = -1;
	current = replay;
}

/* What our side said must be what the same side said in the recording. */
static void finish(struct replay *replay)
{
	struct speech expected;

	run(replay);
	transcript_speech(replay->transcript, !replay->as_server, &expected);
	speech_compare(replay->name, &expected, &replay->speech, replay->transcript, !replay->as_server);
	speech_free(&expected);
	speech_free(&replay->speech);
	rpc_endpoint_free(replay->endpoint);
	for (int i = 0; i < TRANSCRIPT_MAX_CONNECTIONS; i++)
		if (replay->peers[i] >= 0)
			close(replay->peers[i]);
	transcript_free(replay->transcript);
}

/* The first message of a part; NULL: there is none. */
static const struct transcript_message *first(const struct transcript *transcript, enum transcript_part part)
{
	for (size_t i = 0; i < transcript->count; i++)
		if (transcript->messages[i].part == part)
			return &transcript->messages[i];
	return NULL;
}

/* What the recorded server answered to GET_MAX_THREADS. */
static uint32_t recorded_threads(const struct transcript *transcript)
{
	for (size_t i = 0; i < transcript->count; i++) {
		const struct transcript_message *message = &transcript->messages[i];

		if (!message->to_server && message->part == PART_MESSAGE)
			return get_le32(message->bytes + RPC_HEADER_BYTES + RPC_REPLY_BYTES);
	}
	return 1;
}

static void settings_of(struct replay *replay, struct rpc_settings *ret)
{
	bool guest = strcmp(replay->name, "guest") == 0;

	*ret = (struct rpc_settings){
		.fd_mode = guest ? RPC_FDS_NONE : RPC_FDS_UNIX,
		.version = get_le32(first(replay->transcript, replay->as_server ? PART_RESPONSE : PART_HEADER)->bytes),
		.max_threads = recorded_threads(replay->transcript),
		.max_sessions = 4,
		.max_body = RPC_MAX_SENT_BODY,
		.watch = rpc_loop_watch,
		.unwatch = rpc_loop_unwatch,
		.ended = ended,
		.data = replay,
	};
	if (replay->as_server)
		ret->root = new_object(replay, guest ? aidl_IVirtualMachineService.descriptor :
						       aidl_IVirtualizationService.descriptor);
}

static void connect_peer(struct replay *replay, int connection)
{
	int ends[2];

	if (replay->bootstrap[0] > 0) {
		open_peer(replay, connection, rpc_bootstrap_connect(replay->bootstrap[0]));
		cr_assert_eq(rpc_endpoint_bootstrap(replay->endpoint, replay->bootstrap[1]), 0);
		return;
	}
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	open_peer(replay, connection, ends[0]);
	cr_assert_eq(rpc_endpoint_accept(replay->endpoint, ends[1]), 0);
}

/* The recorded ID stands for the session's own. */
static void learn_session(struct replay *replay)
{
	const struct stream *said = &replay->speech.streams[1];
	const size_t at = RPC_RESPONSE_BYTES + (16 + 24) + 16 + 24;

	if (!replay->transcript->session_id || said->size < at + RPC_SESSION_ID_BYTES || replay->done)
		return;
	replay->done = true;
	uint8_t *recorded = replay->transcript->session_id, old[RPC_SESSION_ID_BYTES];
	memcpy(old, recorded, sizeof(old));
	for (size_t i = 0; i < replay->transcript->count; i++) {
		struct transcript_message *message = &replay->transcript->messages[i];

		if ((message->part == PART_HEADER && message->size == 48) || message->bytes + 40 == recorded)
			memcpy(message->bytes + message->size - sizeof(old), said->bytes + at, sizeof(old));
	}
}

static void replay_client_message(struct replay *replay, const struct transcript_message *message)
{
	if (message->part == PART_EOF)
		return;
	if (message->connection == 0) {
		connect_peer(replay, ++replay->opened);
		return;
	}
	if (replay->peers[message->connection] < 0)
		connect_peer(replay, message->connection);
	send_with_files(replay->peers[message->connection], message->bytes, message->size, message->fd_count);
	run(replay);
	learn_session(replay);
}

/* The recorded server's threads called in some order; the numbers say in which the calls were made. */
static const struct transcript_message *next_callback(struct replay *replay)
{
	for (size_t i = 0; i < replay->transcript->count; i++) {
		const struct transcript_message *message = &replay->transcript->messages[i];

		if (!message->to_server && message->part == PART_MESSAGE && get_le32(message->bytes) == RPC_TRANSACT &&
		    get_le64(message->bytes + RPC_HEADER_BYTES + 16) == replay->callbacks) {
			replay->callbacks++;
			return message;
		}
	}
	cr_assert_fail("%s: a callback's number is missing", replay->name);
	return NULL;
}

/* Callbacks and references are the server's own decision; replies come by themselves. */
static void replay_server_message(struct replay *replay, const struct transcript_message *message)
{
	if (message->part != PART_MESSAGE || !replay->session)
		return;
	if (get_le32(message->bytes) == RPC_TRANSACT)
		make_call(replay, next_callback(replay), NULL);
	else if (get_le32(message->bytes) == RPC_DEC_STRONG)
		give_back(replay, message);
	run(replay);
}

static void replay_as_server(const char *name, enum aidl_release release)
{
	static struct replay replay;
	struct rpc_settings settings;
	int before = count_descriptors();

	begin(&replay, name, release, true);
	settings_of(&replay, &settings);
	replay.endpoint = rpc_endpoint_new(&settings);
	if (first(replay.transcript, PART_BOOTSTRAP))
		cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, replay.bootstrap), 0);
	for (; replay.position < replay.transcript->count; replay.position++) {
		const struct transcript_message *message = &replay.transcript->messages[replay.position];

		(message->to_server ? replay_client_message : replay_server_message)(&replay, message);
	}
	finish(&replay);
	if (replay.bootstrap[0]) {
		close(replay.bootstrap[0]);
		close(replay.bootstrap[1]);
	}
	cr_expect_eq(count_descriptors(), before, "%s: nothing is left open", name);
}

static int open_connection(void *data)
{
	struct replay *replay = data;
	int ends[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	open_peer(replay, ++replay->opened, ends[0]);
	return ends[1];
}

static void ready(struct rpc_session *session, uint64_t root, void *data)
{
	struct replay *replay = data;

	cr_expect_eq(root, 3);
	replay->session = session;
}

/* A reply reached the caller as it was sent. */
static void on_reply(struct rpc_session *session, int32_t status, struct parcel_reader *reader, void *data)
{
	struct replay *replay = data;
	const uint8_t *body = replay->transcript->messages[replay->position].bytes + RPC_HEADER_BYTES;

	if (status == RPC_DEAD_OBJECT)
		return;
	cr_expect_eq((uint32_t)status, get_le32(body), "%s: the status of a reply", replay->name);
	if (status == RPC_OK)
		cr_expect(reader->size == get_le32(body + 4) &&
			  memcmp(reader->data, body + RPC_REPLY_BYTES, reader->size) == 0);
	/* A VM: its exception is 0, and the binder follows. */
	if (status == RPC_OK && reader->size == 20 && get_le32(reader->data + 8) & RPC_ADDRESS_CREATED) {
		parcel_read_i32(reader);
		cr_expect_eq(rpc_session_keep(session, parcel_read_binder(reader)), 0);
	}
}

static void replay_recorded_server(struct replay *replay, const struct transcript_message *message)
{
	if (message->connection == 0 || message->part == PART_EOF)
		return;
	send_with_files(replay->peers[message->connection], message->bytes, message->size, message->fd_count);
	run(replay);
}

/* Special transactions are the library's own. */
static void replay_our_client(struct replay *replay, const struct transcript_message *message)
{
	if (message->part != PART_MESSAGE || !replay->session)
		return;
	if (get_le32(message->bytes) == RPC_TRANSACT && get_le64(message->bytes + RPC_HEADER_BYTES))
		make_call(replay, message, on_reply);
	else if (get_le32(message->bytes) == RPC_DEC_STRONG)
		give_back(replay, message);
	run(replay);
}

static void replay_as_client(const char *name, enum aidl_release release)
{
	static struct replay replay;
	struct rpc_settings settings;
	struct rpc_connect connect = { .open = open_connection, .ready = ready, .data = &replay };
	int before = count_descriptors();

	begin(&replay, name, release, false);
	settings_of(&replay, &settings);
	for (int i = 1; i <= replay.transcript->connections; i++)
		connect.incoming += replay.transcript->incoming[i];
	replay.endpoint = rpc_endpoint_new(&settings);
	cr_assert_eq(rpc_endpoint_connect(replay.endpoint, &connect), 0);
	run(&replay);
	for (; replay.position < replay.transcript->count; replay.position++) {
		const struct transcript_message *message = &replay.transcript->messages[replay.position];

		(message->to_server ? replay_our_client : replay_recorded_server)(&replay, message);
	}
	finish(&replay);
	cr_expect_eq(count_descriptors(), before, "%s: nothing is left open", name);
}

/* clang-format off */
#define BOTH(test, name, release)                                      \
	Test(rpc_replay, test##_as_server)                             \
	{                                                              \
		replay_as_server(name, release);                       \
	}                                                              \
	Test(rpc_replay, test##_as_client)                             \
	{                                                              \
		replay_as_client(name, release);                       \
	}
/* clang-format on */

BOTH(setup_1conn, "setup-1conn", AIDL_16)
BOTH(setup_incoming2, "setup-incoming2", AIDL_16)
BOTH(setup_server3, "setup-server3", AIDL_16)
BOTH(vm, "vm", AIDL_16)
BOTH(vm_v1, "vm-v1", AIDL_16)
BOTH(vm_android15, "vm-android15", AIDL_16)
BOTH(vm_0incoming, "vm-0incoming", AIDL_16)
BOTH(vm_layout15, "vm-layout15", AIDL_15Q)
BOTH(vm_layout26, "vm-layout26", AIDL_26)
BOTH(vm_generated, "vm-generated", AIDL_16)
BOTH(guest, "guest", AIDL_16)

Test(rpc_replay, setup_fdmode_none_as_server)
{
	replay_as_server("setup-fdmode-none", AIDL_16);
}
