/*
 * Single pictures as JPEG: the newest one of the broadcast (the last key frame is kept, and nothing but that is decoded), or
 * a key frame that lies in a file.
 *
 * Standard input: "bus PATH" where the broadcast's pictures are asked for, "start"; afterwards one of these a line. Its end
 * ends the process. A WIDTH of 0 is the picture's own.
 *   shot WIDTH                                       the newest picture
 *   still WIDTH SIZE CONFIGURATION OFFSET LENGTH PATH  an H.264 access unit in a file, with its avcC record in hexadecimal
 *                                                    and its picture's SIZE, like 1280x720
 * Standard output, an answer to each in turn (a process is asked for shots or for stills, not for both): "jpeg TICKS LENGTH"
 * and so many bytes, or "failed WHY". TICKS is when a shot was captured, in ticks of the media bus; 0 for stills.
 */
#define _GNU_SOURCE
#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <fcntl.h>
#include <gst/gst.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bus-reader.h"
#include "program.h"

enum { MAX_AGE_TICKS = BUS_TIMESCALE * 8 / 10, DECODE_DEADLINE_MS = 10000, MAX_UNIT_BYTES = 8 * 1024 * 1024 };

static GMainLoop *loop;
static BusReader *bus;
/* An encoder's pictures: how to decode them. */
typedef struct {
  GBytes *configuration; /* avcC */
  guint width, height;
} Encoding;

static Encoding live;
static GBytes *key_frame;
static guint64 captured_at;
static GQueue shots = G_QUEUE_INIT; /* widths that wait for a key frame */

static void fail(const char *why) {
  printf("failed %s\n", why);
  fflush(stdout);
}

static GstCaps *picture_caps(const Encoding *encoding) {
  GstBuffer *configuration = gst_buffer_new_wrapped_bytes(encoding->configuration);
  GstCaps *caps = gst_caps_new_simple("video/x-h264", "stream-format", G_TYPE_STRING, "avc", "alignment", G_TYPE_STRING,
                                      "au", "width", G_TYPE_INT, (int)encoding->width, "height", G_TYPE_INT,
                                      (int)encoding->height, "codec_data", GST_TYPE_BUFFER, configuration, NULL);
  gst_buffer_unref(configuration);
  return caps;
}

/* NULL where this decoder is not installed, or makes nothing of it in time. */
static GstSample *jpeg_by(const char *decoder, GBytes *unit, const Encoding *encoding, const char *size) {
  GstElementFactory *factory = gst_element_factory_find(decoder);
  if (factory == NULL) return NULL;
  gst_object_unref(factory);
  char *text = g_strdup_printf("appsrc name=in format=time ! h264parse ! %s ! videoconvert ! videoscale%s ! "
                               "jpegenc quality=80 ! appsink name=out sync=false",
                               decoder, size);
  GstElement *pipeline = gst_parse_launch(text, NULL);
  g_free(text);
  GstElement *in = pipeline ? gst_bin_get_by_name(GST_BIN(pipeline), "in") : NULL;
  GstElement *out = pipeline ? gst_bin_get_by_name(GST_BIN(pipeline), "out") : NULL;
  GstSample *sample = NULL;
  if (in != NULL && out != NULL) {
    GstCaps *caps = picture_caps(encoding);
    gst_app_src_set_caps(GST_APP_SRC(in), caps);
    gst_caps_unref(caps);
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    /* A decoder may show a picture only once it has the next. */
    for (guint at = 0; at < 2; at++) {
      GstBuffer *buffer = gst_buffer_new_wrapped_bytes(unit);
      GST_BUFFER_PTS(buffer) = at * GST_SECOND;
      gst_app_src_push_buffer(GST_APP_SRC(in), buffer);
    }
    gst_app_src_end_of_stream(GST_APP_SRC(in));
    sample = gst_app_sink_try_pull_sample(GST_APP_SINK(out), DECODE_DEADLINE_MS * GST_MSECOND);
  }
  if (pipeline != NULL) gst_element_set_state(pipeline, GST_STATE_NULL);
  g_clear_object(&in);
  g_clear_object(&out);
  g_clear_object(&pipeline);
  return sample;
}

static void answer_with(GBytes *unit, const Encoding *encoding, guint width, guint64 ticks) {
  /* The first is loaded in a third of the time and takes half the memory, the second decodes more. */
  static const char *const decoders[] = {"openh264dec", "avdec_h264"};
  char size[64] = "";
  if (width > 0 && width < encoding->width) {
    guint height = (guint)(((guint64)encoding->height * width / encoding->width + 1) & ~1ULL);
    snprintf(size, sizeof size, " ! video/x-raw,width=%u,height=%u", width & ~1U, MAX(2, height));
  }
  GstSample *sample = NULL;
  for (guint at = 0; sample == NULL && at < G_N_ELEMENTS(decoders); at++) sample = jpeg_by(decoders[at], unit, encoding, size);
  GstMapInfo map;
  if (sample != NULL && gst_buffer_map(gst_sample_get_buffer(sample), &map, GST_MAP_READ)) {
    printf("jpeg %" G_GUINT64_FORMAT " %zu\n", ticks, map.size);
    fwrite(map.data, 1, map.size, stdout);
    fflush(stdout);
    gst_buffer_unmap(gst_sample_get_buffer(sample), &map);
  } else fail("the picture can't be decoded");
  g_clear_pointer(&sample, gst_sample_unref);
}

static void shoot(guint width) {
  answer_with(key_frame, &live, width, captured_at);
}

static GBytes *bytes_of_hexadecimal(const char *text) {
  gsize length = strlen(text) / 2;
  guint8 *bytes = g_malloc(length + 1);
  for (gsize at = 0; at < length; at++)
    bytes[at] = (guint8)(g_ascii_xdigit_value(text[2 * at]) << 4 | g_ascii_xdigit_value(text[2 * at + 1]));
  return g_bytes_new_take(bytes, length);
}

/* NULL where the file has no such bytes. */
static GBytes *bytes_in_file(const char *path, guint64 offset, guint64 length) {
  if (length == 0 || length > MAX_UNIT_BYTES) return NULL;
  int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0) return NULL;
  guint8 *bytes = g_malloc(length);
  gsize got = 0;
  for (ssize_t count = 1; got < length && count > 0; got += count > 0 ? (gsize)count : 0)
    count = pread(file, bytes + got, length - got, (off_t)(offset + got));
  close(file);
  if (got == length) return g_bytes_new_take(bytes, length);
  g_free(bytes);
  return NULL;
}

static void answer_still(char *line) {
  guint width = 0;
  Encoding encoding = {NULL, 0, 0};
  char configuration[1025];
  guint64 offset = 0, length = 0;
  int path_at = 0;
  sscanf(line, "%u %ux%u %1024[0-9a-f] %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %n", &width, &encoding.width,
         &encoding.height, configuration, &offset, &length, &path_at);
  GBytes *unit = path_at > 0 && encoding.width > 0 && encoding.height > 0 ? bytes_in_file(line + path_at, offset, length) : NULL;
  if (unit == NULL) {
    fail("there is no such picture");
    return;
  }
  encoding.configuration = bytes_of_hexadecimal(configuration);
  answer_with(unit, &encoding, width, 0);
  g_bytes_unref(encoding.configuration);
  g_bytes_unref(unit);
}

static void on_stream(const BusStream *stream, gpointer data) {
  (void)data;
  g_clear_pointer(&live.configuration, g_bytes_unref);
  g_clear_pointer(&key_frame, g_bytes_unref);
  live.configuration = g_bytes_ref(stream->avc_configuration);
  live.width = stream->width;
  live.height = stream->height;
}

static void on_video(gboolean key, guint64 pts, guint64 dts, GBytes *unit, gpointer data) {
  (void)dts;
  (void)data;
  if (!key) return;
  g_clear_pointer(&key_frame, g_bytes_unref);
  key_frame = g_bytes_ref(unit);
  captured_at = pts;
  while (!g_queue_is_empty(&shots)) shoot(GPOINTER_TO_UINT(g_queue_pop_head(&shots)));
}

static void on_audio(guint codec, guint64 pts, guint32 duration, GBytes *frame, gpointer data) {
  (void)codec;
  (void)pts;
  (void)duration;
  (void)frame;
  (void)data;
}

static void on_off(gpointer data) {
  (void)data;
  g_clear_pointer(&key_frame, g_bytes_unref);
  for (; !g_queue_is_empty(&shots); g_queue_pop_head(&shots)) fail("nothing is encoded");
}

static void handle_line(char *line) {
  if (g_str_has_prefix(line, "still ")) answer_still(line + 6);
  if (!g_str_has_prefix(line, "shot ")) return;
  if (bus == NULL) {
    fail("there is no broadcast to be seen from here");
    return;
  }
  guint width = (guint)strtoul(line + 5, NULL, 10);
  guint64 now = (guint64)g_get_monotonic_time() * 9 / 100;
  if (key_frame != NULL && now < captured_at + MAX_AGE_TICKS) shoot(width);
  else {
    g_queue_push_tail(&shots, GUINT_TO_POINTER(width));
    bus_reader_request_key_frame(bus);
  }
}

int main(void) {
  static const BusHandler handler = {on_stream, on_video, on_audio, on_off};
  static const char *const needed[] = {NULL};
  program_begin();
  GHashTable *settings = program_settings(needed);
  if (settings == NULL) return 2;
  gst_init(NULL, NULL);
  loop = g_main_loop_new(NULL, FALSE);
  const char *media = g_hash_table_lookup(settings, "bus");
  if (media != NULL) bus = bus_reader_start(media, "snapshot", BUS_WANTS_VIDEO, &handler, NULL);
  program_follow_input(loop, handle_line);
  g_main_loop_run(loop);
  _exit(0);
}
