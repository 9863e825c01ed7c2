/*
 * The newest picture of the broadcast as JPEG, for who asks: keeps the last key frame and decodes nothing but that.
 *
 * Standard input: "bus PATH", "start"; afterwards "shot WIDTH" (0 is the picture's own). Its end ends the process.
 * Standard output, an answer to each shot in turn: "jpeg TICKS LENGTH" and so many bytes, or "failed WHY". TICKS is when
 * it was captured, in ticks of the media bus.
 */
#define _GNU_SOURCE
#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/gst.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bus-reader.h"
#include "program.h"

enum { MAX_AGE_TICKS = BUS_TIMESCALE * 8 / 10, DECODE_DEADLINE_MS = 2000 };

static GMainLoop *loop;
static BusReader *bus;
static GBytes *avc_configuration;
static guint source_width, source_height;
static GBytes *key_frame;
static guint64 captured_at;
static GQueue shots = G_QUEUE_INIT; /* widths that wait for a key frame */

static void fail(const char *why) {
  printf("failed %s\n", why);
  fflush(stdout);
}

static GstCaps *picture_caps(void) {
  GstBuffer *configuration = gst_buffer_new_wrapped_bytes(avc_configuration);
  GstCaps *caps = gst_caps_new_simple("video/x-h264", "stream-format", G_TYPE_STRING, "avc", "alignment", G_TYPE_STRING,
                                      "au", "width", G_TYPE_INT, (int)source_width, "height", G_TYPE_INT,
                                      (int)source_height, "codec_data", GST_TYPE_BUFFER, configuration, NULL);
  gst_buffer_unref(configuration);
  return caps;
}

static void shoot(guint width) {
  char size[64] = "";
  if (width > 0 && width < source_width) {
    guint height = (guint)(((guint64)source_height * width / source_width + 1) & ~1ULL);
    snprintf(size, sizeof size, " ! video/x-raw,width=%u,height=%u", width & ~1U, MAX(2, height));
  }
  char *text = g_strdup_printf("appsrc name=in format=time ! h264parse ! avdec_h264 max-threads=1 ! videoconvert ! "
                               "videoscale%s ! jpegenc quality=80 ! appsink name=out sync=false",
                               size);
  GstElement *pipeline = gst_parse_launch(text, NULL);
  g_free(text);
  GstElement *in = pipeline ? gst_bin_get_by_name(GST_BIN(pipeline), "in") : NULL;
  GstElement *out = pipeline ? gst_bin_get_by_name(GST_BIN(pipeline), "out") : NULL;
  GstSample *sample = NULL;
  if (in != NULL && out != NULL) {
    GstCaps *caps = picture_caps();
    gst_app_src_set_caps(GST_APP_SRC(in), caps);
    gst_caps_unref(caps);
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    GstBuffer *buffer = gst_buffer_new_wrapped_bytes(key_frame);
    GST_BUFFER_PTS(buffer) = 0;
    gst_app_src_push_buffer(GST_APP_SRC(in), buffer);
    gst_app_src_end_of_stream(GST_APP_SRC(in));
    sample = gst_app_sink_try_pull_sample(GST_APP_SINK(out), DECODE_DEADLINE_MS * GST_MSECOND);
  }
  GstMapInfo map;
  if (sample != NULL && gst_buffer_map(gst_sample_get_buffer(sample), &map, GST_MAP_READ)) {
    printf("jpeg %" G_GUINT64_FORMAT " %zu\n", captured_at, map.size);
    fwrite(map.data, 1, map.size, stdout);
    fflush(stdout);
    gst_buffer_unmap(gst_sample_get_buffer(sample), &map);
  } else fail("the picture can't be decoded");
  g_clear_pointer(&sample, gst_sample_unref);
  if (pipeline != NULL) gst_element_set_state(pipeline, GST_STATE_NULL);
  g_clear_object(&in);
  g_clear_object(&out);
  g_clear_object(&pipeline);
}

static void on_stream(const BusStream *stream, gpointer data) {
  (void)data;
  g_clear_pointer(&avc_configuration, g_bytes_unref);
  g_clear_pointer(&key_frame, g_bytes_unref);
  avc_configuration = g_bytes_ref(stream->avc_configuration);
  source_width = stream->width;
  source_height = stream->height;
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
  if (!g_str_has_prefix(line, "shot ")) return;
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
  static const char *const needed[] = {"bus", NULL};
  program_begin();
  GHashTable *settings = program_settings(needed);
  if (settings == NULL) return 2;
  gst_init(NULL, NULL);
  loop = g_main_loop_new(NULL, FALSE);
  bus = bus_reader_start(g_hash_table_lookup(settings, "bus"), "snapshot", BUS_WANTS_VIDEO, &handler, NULL);
  program_follow_input(loop, handle_line);
  g_main_loop_run(loop);
  _exit(0);
}
