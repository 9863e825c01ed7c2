#define _GNU_SOURCE
#include "bus-reader.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { KIND_STREAM = 1, KIND_VIDEO = 2, KIND_AUDIO = 3, KIND_OFF = 4, KIND_LOST = 5 };
enum { KIND_SUBSCRIBE = 65, KIND_KEY_FRAME = 66 };
enum { VIDEO_HEADER_BYTES = 17, AUDIO_HEADER_BYTES = 14, STREAM_HEADER_BYTES = 15, TRACK_HEADER_BYTES = 8 };
enum { FLAG_KEY = 1 };
enum { RETRY_MS = 200, READ_BYTES = 64 * 1024, MAX_MESSAGE_BYTES = 8 * 1024 * 1024 };

struct BusReader {
  char *socket_path;
  char *name;
  guint8 wants;
  const BusHandler *handler;
  gpointer data;
  int file;
  guint watch;
  guint retry;
  gboolean is_on;
  GByteArray *pending;
};

static void connect_later(BusReader *reader);

static guint16 read_u16(const guint8 *at) { return (guint16)(at[0] << 8 | at[1]); }

static guint32 read_u32(const guint8 *at) { return (guint32)read_u16(at) << 16 | read_u16(at + 2); }

static guint64 read_u64(const guint8 *at) { return (guint64)read_u32(at) << 32 | read_u32(at + 4); }

static void turn_off(BusReader *reader) {
  if (!reader->is_on) return;
  reader->is_on = FALSE;
  reader->handler->off(reader->data);
}

static void disconnect(BusReader *reader) {
  if (reader->watch != 0) g_source_remove(reader->watch);
  reader->watch = 0;
  if (reader->file >= 0) close(reader->file);
  reader->file = -1;
  g_byte_array_set_size(reader->pending, 0);
  turn_off(reader);
}

/* FALSE where the message is cut short. */
static gboolean deliver_stream(BusReader *reader, const guint8 *body, gsize length) {
  BusStream stream = {0};
  if (length < STREAM_HEADER_BYTES) return FALSE;
  gsize configuration_bytes = read_u16(body + 12);
  gsize at = 14 + configuration_bytes + 1;
  if (at > length) return FALSE;
  stream.width = read_u16(body);
  stream.height = read_u16(body + 2);
  stream.frames_per_1000_seconds = read_u32(body + 4);
  stream.bitrate_kbps = read_u32(body + 8);
  stream.avc_configuration = g_bytes_new(body + 14, configuration_bytes);
  gboolean whole = TRUE;
  for (guint left = body[at - 1]; left > 0 && whole; left--) {
    whole = at + TRACK_HEADER_BYTES <= length && at + TRACK_HEADER_BYTES + read_u16(body + at + 6) <= length;
    if (!whole) break;
    BusSound *sound = body[at] == BUS_CODEC_AAC ? &stream.aac : body[at] == BUS_CODEC_OPUS ? &stream.opus : NULL;
    gsize bytes = read_u16(body + at + 6);
    if (sound != NULL && sound->configuration == NULL) {
      sound->sample_rate = read_u32(body + at + 1);
      sound->channels = body[at + 5];
      sound->configuration = g_bytes_new(body + at + TRACK_HEADER_BYTES, bytes);
    }
    at += TRACK_HEADER_BYTES + bytes;
  }
  if (whole) {
    reader->is_on = TRUE;
    reader->handler->stream(&stream, reader->data);
  }
  g_bytes_unref(stream.avc_configuration);
  g_clear_pointer(&stream.aac.configuration, g_bytes_unref);
  g_clear_pointer(&stream.opus.configuration, g_bytes_unref);
  return whole;
}

static gboolean deliver(BusReader *reader, guint8 kind, const guint8 *body, gsize length) {
  GBytes *bytes;
  switch (kind) {
    case KIND_STREAM:
      return deliver_stream(reader, body, length);
    case KIND_VIDEO:
      if (length < VIDEO_HEADER_BYTES) return FALSE;
      bytes = g_bytes_new(body + VIDEO_HEADER_BYTES, length - VIDEO_HEADER_BYTES);
      reader->handler->video((body[0] & FLAG_KEY) != 0, read_u64(body + 1), read_u64(body + 9), bytes, reader->data);
      g_bytes_unref(bytes);
      return TRUE;
    case KIND_AUDIO:
      if (length < AUDIO_HEADER_BYTES) return FALSE;
      bytes = g_bytes_new(body + AUDIO_HEADER_BYTES, length - AUDIO_HEADER_BYTES);
      reader->handler->audio(body[0], read_u64(body + 2), read_u32(body + 10), bytes, reader->data);
      g_bytes_unref(bytes);
      return TRUE;
    case KIND_OFF:
      turn_off(reader);
      return TRUE;
    case KIND_LOST:
      return TRUE; /* the next picture is a key frame, which is all that matters here */
    default:
      return FALSE;
  }
}

static gboolean deliver_pending(BusReader *reader) {
  gsize at = 0;
  while (reader->pending->len - at >= 5) {
    const guint8 *message = reader->pending->data + at;
    gsize length = read_u32(message);
    if (length < 1 || length > MAX_MESSAGE_BYTES) return FALSE;
    if (reader->pending->len - at < 4 + length) break;
    if (!deliver(reader, message[4], message + 5, length - 1)) return FALSE;
    if (reader->file < 0) return TRUE; /* it was stopped meanwhile */
    at += 4 + length;
  }
  if (at > 0) g_byte_array_remove_range(reader->pending, 0, (guint)at);
  return TRUE;
}

static gboolean on_readable(gint file, GIOCondition condition, gpointer data) {
  BusReader *reader = data;
  (void)condition;
  guint before = reader->pending->len;
  g_byte_array_set_size(reader->pending, before + READ_BYTES);
  ssize_t count = read(file, reader->pending->data + before, READ_BYTES);
  gboolean again = count < 0 && (errno == EAGAIN || errno == EINTR);
  g_byte_array_set_size(reader->pending, before + (count > 0 ? (guint)count : 0));
  if (again || (count > 0 && deliver_pending(reader))) return reader->file >= 0;
  reader->watch = 0;
  disconnect(reader);
  connect_later(reader);
  return G_SOURCE_REMOVE;
}

static void send_request(BusReader *reader, guint8 kind, const void *body, gsize length) {
  guint8 message[128] = {0, 0, 0, (guint8)(1 + length), kind};
  if (reader->file < 0 || length > sizeof message - 5) return;
  if (length > 0) memcpy(message + 5, body, length);
  /* Where it can't be sent at once media hangs, and is connected to again. */
  ssize_t sent = send(reader->file, message, 5 + length, MSG_NOSIGNAL | MSG_DONTWAIT);
  (void)sent;
}

static void subscribe(BusReader *reader) {
  guint8 body[2 + 64] = {reader->wants, 1};
  gsize length = MIN(strlen(reader->name), 64);
  memcpy(body + 2, reader->name, length);
  send_request(reader, KIND_SUBSCRIBE, body, 2 + length);
}

static gboolean try_connect(gpointer data) {
  BusReader *reader = data;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  reader->retry = 0;
  if (strlen(reader->socket_path) >= sizeof address.sun_path) g_error("the path of the media bus is too long");
  strcpy(address.sun_path, reader->socket_path);
  reader->file = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (reader->file >= 0 && connect(reader->file, (struct sockaddr *)&address, sizeof address) == 0) {
    g_unix_set_fd_nonblocking(reader->file, TRUE, NULL);
    reader->watch = g_unix_fd_add(reader->file, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, reader);
    subscribe(reader);
  } else {
    disconnect(reader);
    connect_later(reader);
  }
  return G_SOURCE_REMOVE;
}

static void connect_later(BusReader *reader) {
  if (reader->retry == 0) reader->retry = g_timeout_add(RETRY_MS, try_connect, reader);
}

BusReader *bus_reader_start(const char *socket_path, const char *name, guint8 wants, const BusHandler *handler,
                            gpointer data) {
  BusReader *reader = g_new0(BusReader, 1);
  reader->socket_path = g_strdup(socket_path);
  reader->name = g_strdup(name);
  reader->wants = wants;
  reader->handler = handler;
  reader->data = data;
  reader->file = -1;
  reader->pending = g_byte_array_new();
  try_connect(reader);
  return reader;
}

void bus_reader_request_key_frame(BusReader *reader) { send_request(reader, KIND_KEY_FRAME, NULL, 0); }

void bus_reader_stop(BusReader *reader) {
  if (reader->retry != 0) g_source_remove(reader->retry);
  reader->retry = 0;
  disconnect(reader);
}
