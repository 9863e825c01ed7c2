/*
 * One destination: takes the one encode from the media bus and sends it by RTMP(S) or SRT, once. It ends when the
 * connection does, having said why; who started it decides when to try again (services/outputs/destination.ts).
 *
 * Standard input: lines "NAME VALUE", then "start". Its end asks for an orderly end of the stream. Secrets arrive here
 * and nowhere else.
 *   bus PATH, name TEXT, base TICKS        media bus; what is time 0 of the destination
 *   kind rtmp|rtmps|srt, host, port
 *   application, stream, user, password    RTMP
 *   latency MS, passphrase, streamid       SRT
 * Standard output: lines of fields separated by tabs.
 *   connected                              the destination takes what is sent
 *   stats BYTES BEHIND-MS DROPPED          each second: sent so far, time that waits to be sent, pictures left out
 *   failed STAGE MS DOMAIN CODE MESSAGE DETAILS   STAGE is connect or stream, MS since it tried to connect; then it ends
 */
#define _GNU_SOURCE
#include <errno.h>
#include <glib-unix.h>
#include <gst/app/gstappsrc.h>
#include <gst/gst.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "bus-reader.h"
#include "program.h"
#include "silence.h"

enum { FLV_AUDIO = 8, FLV_VIDEO = 9, FLV_SCRIPT = 18, FLV_HEADER_BYTES = 11 };
enum { SOCKET_DEADLINE_MS = 2000, SOCKET_AGAIN_MS = 300, CONNECT_DEADLINE_MS = 10000, END_DEADLINE_MS = 1000, SRT_ROUND_TRIP_MS = 100 };
/* Unacknowledged for so long, a line is dead: TCP itself would take a quarter of an hour. */
enum { LINE_TIMEOUT_MS = 4000, KERNEL_QUEUE_BYTES = 128 * 1024 };
/* Falling behind by more than the first, only key frames are sent, until less than the second waits. */
enum { BEHIND_MS = 2000, CAUGHT_UP_MS = 300, KEY_FRAME_BEHIND_MS = 1500, SOUND_BEHIND_MS = 4000 };
/* Sound that is late by so much is not coming: silence takes its place. */
enum { SILENCE_AFTER_TICKS = BUS_TIMESCALE * 3 / 10, SILENCE_LEAVES_TICKS = BUS_TIMESCALE / 10 };

typedef struct {
  GHashTable *settings;
  GMainLoop *loop;
  BusReader *bus;
  GstElement *pipeline, *video_source, *audio_source;
  gboolean is_rtmp;
  guint64 base;
  GBytes *avc_configuration;
  GBytes *sound_configuration;
  guint width, height, frames_per_1000_seconds, bitrate_kbps;
  gboolean has_sound;
  gboolean is_connected, has_begun, is_dropping, is_ending, has_failed;
  guint64 next_sound; /* when the next sound frame is due, in ticks of the bus */
  guint64 last_sent;  /* time of what was pushed last, in ns */
  guint64 dropped;
  gint64 connecting_since; /* microseconds */
  guint64 told_bytes;
  guint stalled_seconds;
  /* Written by the streaming thread. */
  GMutex mutex;
  guint64 rendered_bytes, rendered_at;
  guint rendered_buffers;
} Push;

static const char *setting(Push *push, const char *name) { return g_hash_table_lookup(push->settings, name); }

static void say(const char *line) {
  puts(line);
  fflush(stdout);
}

/* The key is in the messages of some elements. */
static char *without_secrets(Push *push, const char *text) {
  static const char *const secrets[] = {"stream", "password", "passphrase", "streamid"};
  char *clean = g_strdup(text != NULL ? text : "");
  for (guint at = 0; at < G_N_ELEMENTS(secrets); at++) {
    const char *secret = setting(push, secrets[at]);
    if (secret == NULL || strlen(secret) < 4) continue; /* a shorter one would blot out ordinary words */
    char **parts = g_strsplit(clean, secret, -1);
    g_free(clean);
    clean = g_strjoinv("***", parts);
    g_strfreev(parts);
  }
  g_strdelimit(clean, "\t\r\n", ' ');
  return clean;
}

static void fail(Push *push, const char *domain, int code, const char *message, const char *details) {
  if (push->has_failed) return;
  push->has_failed = TRUE;
  char *clean_message = without_secrets(push, message);
  char *clean_details = without_secrets(push, details);
  gint64 after_ms = push->connecting_since > 0 ? (g_get_monotonic_time() - push->connecting_since) / 1000 : 0;
  char *line =
      g_strdup_printf("failed\t%s\t%" G_GINT64_FORMAT "\t%s\t%d\t%s\t%s", push->is_connected ? "stream" : "connect",
                      after_ms, domain, code, clean_message, clean_details);
  say(line);
  g_free(line);
  g_free(clean_message);
  g_free(clean_details);
  g_main_loop_quit(push->loop);
}

/* ── the connection itself ──────────────────────────────────────────────────────────────────── */

/* Calls `use` for each TCP socket to another program: GStreamer's elements do not hand theirs out. */
static gboolean each_tcp_socket(gboolean (*use)(int file)) {
  gboolean any = FALSE;
  for (int file = 3; file < 256; file++) {
    int protocol = 0;
    socklen_t length = sizeof protocol;
    if (getsockopt(file, SOL_SOCKET, SO_PROTOCOL, &protocol, &length) != 0 || protocol != IPPROTO_TCP) continue;
    any = use(file) || any;
  }
  return any;
}

static int tcp_state(int file) {
  struct tcp_info info;
  socklen_t length = sizeof info;
  return getsockopt(file, IPPROTO_TCP, TCP_INFO, &info, &length) == 0 ? info.tcpi_state : -1;
}

static gboolean is_established(int file) { return tcp_state(file) == TCP_ESTABLISHED; }

static gboolean is_unanswered(int file) { return tcp_state(file) == TCP_SYN_SENT; }

static gboolean watch_line(int file) {
  int timeout = LINE_TIMEOUT_MS, waiting = KERNEL_QUEUE_BYTES, on = 1;
  setsockopt(file, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout, sizeof timeout);
  setsockopt(file, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &waiting, sizeof waiting);
  setsockopt(file, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  return TRUE;
}

/* A name that is looked up, or a handshake over a slow line, may take longer than an answer to the first packet. */
static gboolean on_socket_deadline(gpointer data) {
  Push *push = data;
  if (!push->is_rtmp || push->is_connected || each_tcp_socket(is_established)) return G_SOURCE_REMOVE;
  if (each_tcp_socket(is_unanswered)) fail(push, "onair", 1, "no answer", "");
  else g_timeout_add(SOCKET_AGAIN_MS, on_socket_deadline, push);
  return G_SOURCE_REMOVE;
}

static gboolean on_connect_deadline(gpointer data) {
  Push *push = data;
  if (!push->is_connected) fail(push, "onair", 2, "connected, and no answer to the handshake", "");
  return G_SOURCE_REMOVE;
}

static gboolean on_connected(gpointer data) {
  Push *push = data;
  if (push->is_connected || push->has_failed) return G_SOURCE_REMOVE;
  push->is_connected = TRUE;
  if (push->is_rtmp) each_tcp_socket(watch_line);
  say("connected");
  bus_reader_request_key_frame(push->bus);
  return G_SOURCE_REMOVE;
}

/* In the streaming thread, before each buffer is sent: the one before it has been. */
static GstPadProbeReturn on_buffer(GstPad *pad, GstPadProbeInfo *info, gpointer data) {
  Push *push = data;
  (void)pad;
  g_mutex_lock(&push->mutex);
  push->rendered_bytes += info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST
                              ? gst_buffer_list_calculate_size(GST_PAD_PROBE_INFO_BUFFER_LIST(info))
                              : gst_buffer_get_size(GST_PAD_PROBE_INFO_BUFFER(info));
  push->rendered_buffers += 1;
  gboolean is_second = push->rendered_buffers == 2;
  g_mutex_unlock(&push->mutex);
  if (is_second) g_idle_add(on_connected, push);
  return GST_PAD_PROBE_OK;
}

/* In the streaming thread: what left the queue of the source. */
static GstPadProbeReturn on_taken(GstPad *pad, GstPadProbeInfo *info, gpointer data) {
  Push *push = data;
  (void)pad;
  g_mutex_lock(&push->mutex);
  push->rendered_at = MAX(push->rendered_at, GST_BUFFER_PTS(GST_PAD_PROBE_INFO_BUFFER(info)));
  g_mutex_unlock(&push->mutex);
  return GST_PAD_PROBE_OK;
}

static guint64 behind_ms(Push *push) {
  g_mutex_lock(&push->mutex);
  guint64 rendered_at = push->rendered_at;
  g_mutex_unlock(&push->mutex);
  return push->has_begun && push->last_sent > rendered_at ? (push->last_sent - rendered_at) / GST_MSECOND : 0;
}

static gboolean on_stats(gpointer data) {
  Push *push = data;
  if (!push->is_connected) return G_SOURCE_CONTINUE;
  g_mutex_lock(&push->mutex);
  guint64 bytes = push->rendered_bytes;
  g_mutex_unlock(&push->mutex);
  push->stalled_seconds = bytes == push->told_bytes && behind_ms(push) > 0 ? push->stalled_seconds + 1 : 0;
  push->told_bytes = bytes;
  if (push->stalled_seconds * 1000 >= LINE_TIMEOUT_MS) fail(push, "onair", 5, "nothing is taken any more", "");
  printf("stats\t%" G_GUINT64_FORMAT "\t%" G_GUINT64_FORMAT "\t%" G_GUINT64_FORMAT "\n", bytes, behind_ms(push),
         push->dropped);
  fflush(stdout);
  return G_SOURCE_CONTINUE;
}

static gboolean on_end_deadline(gpointer data) {
  g_main_loop_quit(data);
  return G_SOURCE_REMOVE;
}

static gboolean on_message(GstBus *gst_bus, GstMessage *message, gpointer data) {
  Push *push = data;
  (void)gst_bus;
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
    GError *error = NULL;
    gchar *details = NULL;
    gst_message_parse_error(message, &error, &details);
    fail(push, g_quark_to_string(error->domain), error->code, error->message, details);
    g_clear_error(&error);
    g_free(details);
  } else if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS) {
    if (!push->is_ending) fail(push, "onair", 3, "the stream ended", "");
    /* An SRT receiver holds packets back for the latency, and forgets them where the connection is closed before. */
    if (push->is_rtmp) g_main_loop_quit(push->loop);
    else g_timeout_add(atoi(setting(push, "latency")) + SRT_ROUND_TRIP_MS, on_end_deadline, push->loop);
  }
  return G_SOURCE_CONTINUE;
}

/* ── time ───────────────────────────────────────────────────────────────────────────────────── */

static guint64 since_base(Push *push, guint64 ticks) { return ticks > push->base ? ticks - push->base : 0; }

static guint64 nanoseconds(Push *push, guint64 ticks) {
  return gst_util_uint64_scale(since_base(push, ticks), GST_SECOND, BUS_TIMESCALE);
}

static void push_buffer(Push *push, GstElement *source, GstBuffer *buffer, guint64 pts, guint64 dts, gboolean key) {
  GST_BUFFER_PTS(buffer) = nanoseconds(push, pts);
  GST_BUFFER_DTS(buffer) = nanoseconds(push, dts);
  if (!key) GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  if (GST_BUFFER_PTS(buffer) > push->last_sent) push->last_sent = GST_BUFFER_PTS(buffer);
  gst_app_src_push_buffer(GST_APP_SRC(source), buffer);
}

/* ── RTMP: tags of FLV (Adobe Flash Video File Format 10.1, annex E) ────────────────────────── */

static void push_tag(Push *push, guint8 type, guint64 ticks, const guint8 *head, gsize head_bytes, const guint8 *body,
                     gsize body_bytes, gboolean key) {
  gsize size = head_bytes + body_bytes;
  guint32 ms = (guint32)(since_base(push, ticks) * 1000 / BUS_TIMESCALE);
  guint8 *tag = g_malloc(FLV_HEADER_BYTES + size + 4);
  tag[0] = type;
  tag[1] = (guint8)(size >> 16);
  tag[2] = (guint8)(size >> 8);
  tag[3] = (guint8)size;
  tag[4] = (guint8)(ms >> 16);
  tag[5] = (guint8)(ms >> 8);
  tag[6] = (guint8)ms;
  tag[7] = (guint8)(ms >> 24);
  tag[8] = tag[9] = tag[10] = 0;
  memcpy(tag + FLV_HEADER_BYTES, head, head_bytes);
  if (body_bytes > 0) memcpy(tag + FLV_HEADER_BYTES + head_bytes, body, body_bytes);
  guint32 whole = GUINT32_TO_BE((guint32)(FLV_HEADER_BYTES + size));
  memcpy(tag + FLV_HEADER_BYTES + size, &whole, 4);
  push_buffer(push, push->video_source, gst_buffer_new_wrapped(tag, FLV_HEADER_BYTES + size + 4), ticks, ticks, key);
}

static void amf_name(GByteArray *to, const char *name) {
  guint8 length[2] = {0, (guint8)strlen(name)};
  g_byte_array_append(to, length, 2);
  g_byte_array_append(to, (const guint8 *)name, length[1]);
}

static void amf_number(GByteArray *to, const char *name, double number) {
  guint64 bits;
  memcpy(&bits, &number, 8);
  bits = GUINT64_TO_BE(bits);
  amf_name(to, name);
  g_byte_array_append(to, (const guint8 *)"\0", 1);
  g_byte_array_append(to, (const guint8 *)&bits, 8);
}

static void push_rtmp_headers(Push *push, guint64 ticks) {
  static const guint8 video_head[] = {0x17, 0, 0, 0, 0};
  static const guint8 sound_head[] = {0xaf, 0};
  GByteArray *meta = g_byte_array_new();
  g_byte_array_append(meta, (const guint8 *)"\2", 1);
  amf_name(meta, "onMetaData");
  g_byte_array_append(meta, (const guint8 *)"\10\0\0\0\10", 5);
  amf_number(meta, "width", push->width);
  amf_number(meta, "height", push->height);
  amf_number(meta, "framerate", push->frames_per_1000_seconds / 1000.0);
  amf_number(meta, "videocodecid", 7);
  amf_number(meta, "videodatarate", push->bitrate_kbps);
  amf_number(meta, "audiocodecid", 10);
  amf_number(meta, "audiosamplerate", 48000);
  amf_number(meta, "audiochannels", 2);
  g_byte_array_append(meta, (const guint8 *)"\0\0\11", 3);
  push_tag(push, FLV_SCRIPT, ticks, meta->data, meta->len, NULL, 0, TRUE);
  g_byte_array_unref(meta);
  gsize bytes;
  const guint8 *configuration = g_bytes_get_data(push->avc_configuration, &bytes);
  push_tag(push, FLV_VIDEO, ticks, video_head, sizeof video_head, configuration, bytes, TRUE);
  configuration = g_bytes_get_data(push->sound_configuration, &bytes);
  push_tag(push, FLV_AUDIO, ticks, sound_head, sizeof sound_head, configuration, bytes, TRUE);
}

/* ── what both send ─────────────────────────────────────────────────────────────────────────── */

static void push_video(Push *push, gboolean key, guint64 pts, guint64 dts, GBytes *unit) {
  if (!push->is_rtmp) {
    push_buffer(push, push->video_source, gst_buffer_new_wrapped_bytes(unit), pts, dts, key);
    return;
  }
  guint64 shift = pts > dts ? (pts - dts) * 1000 / BUS_TIMESCALE : 0;
  guint8 head[] = {key ? 0x17 : 0x27, 1, (guint8)(shift >> 16), (guint8)(shift >> 8), (guint8)shift};
  gsize bytes;
  const guint8 *body = g_bytes_get_data(unit, &bytes);
  push_tag(push, FLV_VIDEO, dts, head, sizeof head, body, bytes, key);
}

static void push_sound(Push *push, guint64 pts, const guint8 *frame, gsize bytes) {
  static const guint8 head[] = {0xaf, 1};
  if (push->is_rtmp) push_tag(push, FLV_AUDIO, pts, head, sizeof head, frame, bytes, FALSE);
  else push_buffer(push, push->audio_source, gst_buffer_new_memdup(frame, bytes), pts, pts, TRUE);
}

static void fill_with_silence(Push *push, guint64 now) {
  if (push->has_sound && g_bytes_get_size(push->sound_configuration) != sizeof silence_configuration) return;
  guint64 after = push->has_sound ? SILENCE_AFTER_TICKS : 0;
  if (now < push->next_sound + after) return;
  guint64 until = push->has_sound ? now - SILENCE_LEAVES_TICKS : now;
  while (push->next_sound < until) {
    push_sound(push, push->next_sound, silence_frame, sizeof silence_frame);
    push->next_sound += SILENCE_TICKS;
  }
}

/* Whether this picture is left out, since the line can't take it. */
static gboolean is_too_much(Push *push, gboolean key) {
  guint64 behind = behind_ms(push);
  if (!push->is_dropping && behind > BEHIND_MS) push->is_dropping = TRUE;
  else if (push->is_dropping && key && behind < CAUGHT_UP_MS) push->is_dropping = FALSE;
  return push->is_dropping && (!key || behind > KEY_FRAME_BEHIND_MS);
}

static void on_video(gboolean key, guint64 pts, guint64 dts, GBytes *unit, gpointer data) {
  Push *push = data;
  if (push->is_ending || (push->is_rtmp && !push->is_connected)) return;
  if (!push->has_begun) {
    if (!key) return;
    push->has_begun = TRUE;
    push->next_sound = dts;
    g_mutex_lock(&push->mutex);
    push->rendered_at = nanoseconds(push, dts);
    g_mutex_unlock(&push->mutex);
    if (push->is_rtmp) push_rtmp_headers(push, dts);
  }
  if (is_too_much(push, key)) push->dropped += 1;
  else push_video(push, key, pts, dts, unit);
  fill_with_silence(push, dts);
}

static void on_audio(guint codec, guint64 pts, guint32 duration, GBytes *frame, gpointer data) {
  Push *push = data;
  if (codec != BUS_CODEC_AAC || !push->has_begun || !push->has_sound || push->is_ending) return;
  /* Silence may stand there already. */
  if (pts + duration / 2 < push->next_sound) return;
  push->next_sound = pts + duration;
  if (behind_ms(push) > SOUND_BEHIND_MS) return;
  gsize bytes;
  const guint8 *body = g_bytes_get_data(frame, &bytes);
  push_sound(push, pts, body, bytes);
}

static void on_off(gpointer data) { (void)data; }

/* ── pipelines ──────────────────────────────────────────────────────────────────────────────── */

static GstElement *make_source(const char *name, GstCaps *caps) {
  GstElement *source = gst_element_factory_make("appsrc", name);
  if (source == NULL) return NULL;
  g_object_set(source, "format", GST_FORMAT_TIME, "is-live", TRUE, "max-bytes", (guint64)0, "caps", caps, NULL);
  gst_caps_unref(caps);
  return source;
}

static GstCaps *sound_caps(Push *push) {
  GstBuffer *configuration = gst_buffer_new_wrapped_bytes(push->sound_configuration);
  GstCaps *caps = gst_caps_new_simple("audio/mpeg", "mpegversion", G_TYPE_INT, 4, "stream-format", G_TYPE_STRING,
                                      "raw", "rate", G_TYPE_INT, 48000, "channels", G_TYPE_INT, 2, "codec_data",
                                      GST_TYPE_BUFFER, configuration, NULL);
  gst_buffer_unref(configuration);
  return caps;
}

static GstCaps *video_caps(Push *push) {
  GstBuffer *configuration = gst_buffer_new_wrapped_bytes(push->avc_configuration);
  GstCaps *caps = gst_caps_new_simple("video/x-h264", "stream-format", G_TYPE_STRING, "avc", "alignment",
                                      G_TYPE_STRING, "au", "width", G_TYPE_INT, (int)push->width, "height", G_TYPE_INT,
                                      (int)push->height, "codec_data", GST_TYPE_BUFFER, configuration, NULL);
  gst_buffer_unref(configuration);
  return caps;
}

static GstElement *make_rtmp(Push *push) {
  push->video_source = make_source("tags", gst_caps_new_empty_simple("video/x-flv"));
  GstElement *sink = gst_element_factory_make("rtmp2sink", "sink");
  if (push->video_source == NULL || sink == NULL) return NULL;
  gst_util_set_object_arg(G_OBJECT(sink), "scheme", setting(push, "kind"));
  g_object_set(sink, "host", setting(push, "host"), "port", atoi(setting(push, "port")), "application",
               setting(push, "application"), "stream", setting(push, "stream"), "sync", FALSE, "async", FALSE, NULL);
  if (setting(push, "user") != NULL)
    g_object_set(sink, "username", setting(push, "user"), "password", setting(push, "password"), NULL);
  gst_bin_add_many(GST_BIN(push->pipeline), push->video_source, sink, NULL);
  return gst_element_link(push->video_source, sink) ? sink : NULL;
}

static GstElement *make_srt(Push *push) {
  push->video_source = make_source("pictures", video_caps(push));
  push->audio_source = make_source("sound", sound_caps(push));
  GstElement *video_parser = gst_element_factory_make("h264parse", NULL);
  GstElement *audio_parser = gst_element_factory_make("aacparse", NULL);
  GstElement *mux = gst_element_factory_make("mpegtsmux", NULL);
  GstElement *sink = gst_element_factory_make("srtsink", "sink");
  if (!push->video_source || !push->audio_source || !video_parser || !audio_parser || !mux || !sink) return NULL;
  gst_bin_add_many(GST_BIN(push->pipeline), push->video_source, push->audio_source, video_parser, audio_parser, mux,
                   sink, NULL);
  char *uri = g_strdup_printf("srt://%s:%s", setting(push, "host"), setting(push, "port"));
  g_object_set(sink, "uri", uri, "latency", atoi(setting(push, "latency")), "auto-reconnect", FALSE, "sync", FALSE,
               "async", FALSE, NULL);
  g_free(uri);
  if (setting(push, "passphrase") != NULL) g_object_set(sink, "passphrase", setting(push, "passphrase"), NULL);
  if (setting(push, "streamid") != NULL) g_object_set(sink, "streamid", setting(push, "streamid"), NULL);
  /* Parameter sets with each key frame, so that who joins late can decode; 7 packets fill what SRT sends at once. */
  g_object_set(video_parser, "config-interval", -1, NULL);
  g_object_set(mux, "alignment", 7, NULL);
  gboolean linked = gst_element_link_many(push->video_source, video_parser, mux, sink, NULL) &&
                    gst_element_link_many(push->audio_source, audio_parser, mux, NULL);
  return linked ? sink : NULL;
}

static void connect_destination(Push *push) {
  push->connecting_since = g_get_monotonic_time();
  push->pipeline = gst_pipeline_new(NULL);
  GstElement *sink = push->is_rtmp ? make_rtmp(push) : make_srt(push);
  if (sink == NULL) {
    fail(push, "onair", 4, "an element of GStreamer is missing", "");
    return;
  }
  GstPad *pad = gst_element_get_static_pad(sink, "sink");
  gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST, on_buffer, push, NULL);
  gst_object_unref(pad);
  pad = gst_element_get_static_pad(push->video_source, "src");
  gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, on_taken, push, NULL);
  gst_object_unref(pad);
  GstBus *gst_bus = gst_element_get_bus(push->pipeline);
  gst_bus_add_watch(gst_bus, on_message, push);
  gst_object_unref(gst_bus);
  g_timeout_add(SOCKET_DEADLINE_MS, on_socket_deadline, push);
  g_timeout_add(CONNECT_DEADLINE_MS, on_connect_deadline, push);
  gst_element_set_state(push->pipeline, GST_STATE_PLAYING);
  /* RTMP says that it is connected by taking the headers; they are said again before the first picture. */
  if (push->is_rtmp) push_rtmp_headers(push, push->base);
}

static void on_stream(const BusStream *stream, gpointer data) {
  Push *push = data;
  gboolean is_first = push->avc_configuration == NULL;
  gboolean is_other = !is_first && !g_bytes_equal(push->avc_configuration, stream->avc_configuration);
  if (is_other) g_clear_pointer(&push->avc_configuration, g_bytes_unref);
  if (push->avc_configuration == NULL) push->avc_configuration = g_bytes_ref(stream->avc_configuration);
  push->width = stream->width;
  push->height = stream->height;
  push->frames_per_1000_seconds = stream->frames_per_1000_seconds;
  push->bitrate_kbps = stream->bitrate_kbps;
  push->has_sound = stream->aac.configuration != NULL;
  if (push->sound_configuration == NULL) {
    push->sound_configuration = push->has_sound
                                    ? g_bytes_ref(stream->aac.configuration)
                                    : g_bytes_new_static(silence_configuration, sizeof silence_configuration);
  }
  if (is_first) connect_destination(push);
  else if (is_other && push->has_begun && push->is_rtmp) push_rtmp_headers(push, push->next_sound);
  else if (is_other && !push->is_rtmp) gst_app_src_set_caps(GST_APP_SRC(push->video_source), video_caps(push));
}

/* ── its life ───────────────────────────────────────────────────────────────────────────────── */

static gboolean on_input(gint file, GIOCondition condition, gpointer data) {
  Push *push = data;
  char rest[256];
  if ((condition & G_IO_IN) != 0 && read(file, rest, sizeof rest) > 0) return G_SOURCE_CONTINUE;
  push->is_ending = TRUE;
  if (!push->is_connected) g_main_loop_quit(push->loop);
  else {
    gst_app_src_end_of_stream(GST_APP_SRC(push->video_source));
    if (push->audio_source != NULL) gst_app_src_end_of_stream(GST_APP_SRC(push->audio_source));
    g_timeout_add(END_DEADLINE_MS, on_end_deadline, push->loop);
  }
  return G_SOURCE_REMOVE;
}

int main(void) {
  static const BusHandler handler = {on_stream, on_video, on_audio, on_off};
  static const char *const needed[] = {"bus", "name", "base", "kind", "host", "port", NULL};
  Push *push = g_new0(Push, 1);
  program_begin();
  push->settings = program_settings(needed);
  if (push->settings == NULL) return 2;
  gst_init(NULL, NULL);
  g_mutex_init(&push->mutex);
  push->is_rtmp = strcmp(setting(push, "kind"), "srt") != 0;
  push->base = g_ascii_strtoull(setting(push, "base"), NULL, 10);
  push->loop = g_main_loop_new(NULL, FALSE);
  g_unix_fd_add(0, G_IO_IN | G_IO_HUP, on_input, push);
  g_timeout_add(1000, on_stats, push);
  push->bus = bus_reader_start(setting(push, "bus"), setting(push, "name"), BUS_WANTS_VIDEO | BUS_WANTS_AAC, &handler,
                               push);
  g_main_loop_run(push->loop);
  /* Taking the pipeline down may wait for a dead line: there is nothing left to save. */
  fflush(stdout);
  _exit(push->has_failed ? 1 : 0);
}
