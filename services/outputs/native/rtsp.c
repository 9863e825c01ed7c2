/*
 * RTSP for VLC, OBS, Home Assistant, Frigate and recorders: rtsp://NAME:PORT/live (H.264 with AAC) and /live/opus.
 * All clients of a path share one pipeline, which exists while somebody watches.
 *
 * Standard input: lines "NAME VALUE", then "start"; afterwards "end CLIENT", "free COUNT", and "off", since the broadcast is
 * over (a bus that is silent for a while may be a restart of media). Its end ends the server.
 *   bus PATH, port NUMBER (0 takes any)    media bus, and where to listen
 *   pin DIGITS                             asked for by digest, as the password of the user onair; without it all may watch
 *   free COUNT                             so many more may begin to watch
 *   pin NUMBER yes|no                      the answer to that of the output
 * Standard output: lines of fields separated by tabs.
 *   listening PORT
 *   client ID ADDRESS                      somebody begins to watch
 *   gone ID
 *   pin NUMBER ADDRESS                     may that address try a PIN? Nobody is let in without an answer
 *   wrong ADDRESS                          it was wrong
 *   failed MESSAGE                         it can't listen; then it ends
 */
#define _GNU_SOURCE
#include <gst/app/gstappsrc.h>
#include <gst/gst.h>
#include <gst/rtsp-server/rtsp-server.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bus-reader.h"
#include "program.h"

/* Who asks whether an address may try a PIN answers at once, or is away. */
enum { PIN_ANSWER_MS = 1000 };
/* A restart of media is no end of the broadcast. */
enum { OFF_DELAY_MS = 5000 };
/* A pipeline whose clients do not take what it has drops the oldest. */
enum { MAX_WAITING_BYTES = 4 * 1024 * 1024 };

#define USER "onair"
#define ROLE "viewer"

/* One path, with the pipeline of its clients while there are any. */
typedef struct {
  const char *path;
  guint codec;
  GstRTSPMediaFactory *factory;
  GstRTSPMedia *media;       /* compared, never used: it may be gone */
  GstElement *video, *sound; /* appsrc; NULL without a pipeline */
  gboolean has_begun;
} Mount;

/* The main thread reads the media bus, another one serves clients: what both touch is under the mutex. */
typedef struct {
  GMutex mutex;
  GMainLoop *loop;
  GHashTable *settings;
  GstRTSPServer *server;
  BusReader *bus;
  GBytes *avc_configuration;
  guint width, height;
  BusSound aac, opus; /* with configurations of their own */
  Mount mounts[2];
  guint off_timer;
  guint next_client;
  gint free_places;
  GMutex pin_mutex;
  GCond pin_answered;
  guint pin_asked, pin_heard; /* by number */
  gboolean pin_allowed;
} Server;

static Server server;

static const char *setting(const char *name) { return g_hash_table_lookup(server.settings, name); }

static gboolean ask_for_key_frame(gpointer data) {
  (void)data;
  bus_reader_request_key_frame(server.bus);
  return G_SOURCE_REMOVE;
}

static void say(const char *format, ...) G_GNUC_PRINTF(1, 2);
static void say(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  flockfile(stdout);
  vprintf(format, arguments);
  putchar('\n');
  fflush(stdout);
  funlockfile(stdout);
  va_end(arguments);
}

/* ── who may watch ──────────────────────────────────────────────────────────────────────────── */

typedef GstRTSPAuth PinAuth;
typedef GstRTSPAuthClass PinAuthClass;
G_DEFINE_TYPE(PinAuth, pin_auth, GST_TYPE_RTSP_AUTH)

static const char *address_of(GstRTSPContext *context) {
  GstRTSPConnection *connection = context->client ? gst_rtsp_client_get_connection(context->client) : NULL;
  const char *address = connection ? gst_rtsp_connection_get_ip(connection) : NULL;
  return address != NULL ? address : "";
}

/* Guesses are counted in one place for all ways in, and that is not here. */
static gboolean may_try(const char *address) {
  gint64 until = g_get_monotonic_time() + PIN_ANSWER_MS * G_TIME_SPAN_MILLISECOND;
  g_mutex_lock(&server.pin_mutex);
  guint asked = ++server.pin_asked;
  say("pin\t%u\t%s", asked, address);
  while (server.pin_heard != asked && g_cond_wait_until(&server.pin_answered, &server.pin_mutex, until)) continue;
  gboolean allowed = server.pin_heard == asked && server.pin_allowed;
  g_mutex_unlock(&server.pin_mutex);
  return allowed;
}

static void hear_pin(const char *line) {
  unsigned number = 0;
  char word[4] = "";
  if (sscanf(line, "pin %u %3s", &number, word) != 2) return;
  g_mutex_lock(&server.pin_mutex);
  server.pin_heard = number;
  server.pin_allowed = strcmp(word, "yes") == 0;
  g_cond_signal(&server.pin_answered);
  g_mutex_unlock(&server.pin_mutex);
}

static gboolean authenticate(GstRTSPAuth *auth, GstRTSPContext *context) {
  const char *address = address_of(context);
  gchar *answer = NULL;
  gst_rtsp_message_get_header(context->request, GST_RTSP_HDR_AUTHORIZATION, &answer, 0);
  if (answer == NULL) return GST_RTSP_AUTH_CLASS(pin_auth_parent_class)->authenticate(auth, context);
  /* Who has shown it shows it with each request: whatever others at that address do. */
  GObject *client = G_OBJECT(context->client);
  if (g_object_get_data(client, "onair-let-in") == NULL && !may_try(address)) return FALSE;
  gboolean done = GST_RTSP_AUTH_CLASS(pin_auth_parent_class)->authenticate(auth, context);
  const char *role = context->token ? gst_rtsp_token_get_string(context->token, GST_RTSP_TOKEN_MEDIA_FACTORY_ROLE) : NULL;
  gboolean is_right = role != NULL && strcmp(role, ROLE) == 0;
  if (!is_right) say("wrong\t%s", address);
  g_object_set_data(client, "onair-let-in", is_right ? client : NULL);
  return done;
}

static void pin_auth_class_init(PinAuthClass *class) { class->authenticate = authenticate; }

static void pin_auth_init(PinAuth *auth) { (void)auth; }

static void ask_for_pin(const char *pin) {
  GstRTSPAuth *auth = g_object_new(pin_auth_get_type(), NULL);
  GstRTSPToken *token = gst_rtsp_token_new(GST_RTSP_TOKEN_MEDIA_FACTORY_ROLE, G_TYPE_STRING, ROLE, NULL);
  gst_rtsp_auth_set_supported_methods(auth, GST_RTSP_AUTH_DIGEST);
  gst_rtsp_auth_add_digest(auth, USER, pin, token);
  gst_rtsp_token_unref(token);
  gst_rtsp_server_set_auth(server.server, auth);
  g_object_unref(auth);
}

/* ── clients ────────────────────────────────────────────────────────────────────────────────── */

static guint client_id(GstRTSPClient *client) {
  return GPOINTER_TO_UINT(g_object_get_data(G_OBJECT(client), "onair-watching"));
}

/* Off air there is nothing at the path: 404, as other servers of live paths say; players try again by themselves. */
static GstRTSPStatusCode on_before_describe(GstRTSPClient *client, GstRTSPContext *context, gpointer data) {
  (void)client;
  (void)context;
  (void)data;
  g_mutex_lock(&server.mutex);
  gboolean is_on = server.avc_configuration != NULL;
  g_mutex_unlock(&server.mutex);
  return is_on ? GST_RTSP_STS_OK : GST_RTSP_STS_NOT_FOUND;
}

static GstRTSPStatusCode on_before_play(GstRTSPClient *client, GstRTSPContext *context, gpointer data) {
  (void)context;
  (void)data;
  return client_id(client) != 0 || g_atomic_int_get(&server.free_places) > 0 ? GST_RTSP_STS_OK : GST_RTSP_STS_NOT_ENOUGH_BANDWIDTH;
}

static void on_play(GstRTSPClient *client, GstRTSPContext *context, gpointer data) {
  (void)data;
  if (client_id(client) != 0) return;
  server.next_client += 1;
  g_atomic_int_add(&server.free_places, -1);
  g_object_set_data(G_OBJECT(client), "onair-watching", GUINT_TO_POINTER(server.next_client));
  say("client\t%u\t%s", server.next_client, address_of(context));
  g_idle_add(ask_for_key_frame, NULL);
}

static void on_gone(GstRTSPClient *client) {
  guint id = client_id(client);
  if (id == 0) return;
  g_object_set_data(G_OBJECT(client), "onair-watching", NULL);
  g_atomic_int_add(&server.free_places, 1);
  say("gone\t%u", id);
}

static void on_teardown(GstRTSPClient *client, GstRTSPContext *context, gpointer data) {
  (void)context;
  (void)data;
  on_gone(client);
}

static void on_closed(GstRTSPClient *client, gpointer data) {
  (void)data;
  on_gone(client);
}

static void on_client(GstRTSPServer *rtsp, GstRTSPClient *client, gpointer data) {
  (void)rtsp;
  (void)data;
  g_signal_connect(client, "pre-describe-request", G_CALLBACK(on_before_describe), NULL);
  g_signal_connect(client, "pre-play-request", G_CALLBACK(on_before_play), NULL);
  g_signal_connect(client, "play-request", G_CALLBACK(on_play), NULL);
  g_signal_connect(client, "teardown-request", G_CALLBACK(on_teardown), NULL);
  g_signal_connect(client, "closed", G_CALLBACK(on_closed), NULL);
}

static GstRTSPFilterResult filter_one(GstRTSPServer *rtsp, GstRTSPClient *client, gpointer data) {
  (void)rtsp;
  return client_id(client) == GPOINTER_TO_UINT(data) ? GST_RTSP_FILTER_REMOVE : GST_RTSP_FILTER_KEEP;
}

/* ── pipelines ──────────────────────────────────────────────────────────────────────────────── */

static GstCaps *video_caps(void) {
  GstBuffer *configuration = gst_buffer_new_wrapped_bytes(server.avc_configuration);
  GstCaps *caps = gst_caps_new_simple("video/x-h264", "stream-format", G_TYPE_STRING, "avc", "alignment", G_TYPE_STRING,
                                      "au", "width", G_TYPE_INT, (int)server.width, "height", G_TYPE_INT,
                                      (int)server.height, "codec_data", GST_TYPE_BUFFER, configuration, NULL);
  gst_buffer_unref(configuration);
  return caps;
}

static GstCaps *sound_caps(const BusSound *sound, guint codec) {
  if (codec == BUS_CODEC_OPUS)
    return gst_caps_new_simple("audio/x-opus", "rate", G_TYPE_INT, (int)sound->sample_rate, "channels", G_TYPE_INT,
                               (int)sound->channels, "channel-mapping-family", G_TYPE_INT, 0, NULL);
  GstBuffer *configuration = gst_buffer_new_wrapped_bytes(sound->configuration);
  GstCaps *caps = gst_caps_new_simple("audio/mpeg", "mpegversion", G_TYPE_INT, 4, "stream-format", G_TYPE_STRING, "raw",
                                      "rate", G_TYPE_INT, (int)sound->sample_rate, "channels", G_TYPE_INT,
                                      (int)sound->channels, "codec_data", GST_TYPE_BUFFER, configuration, NULL);
  gst_buffer_unref(configuration);
  return caps;
}

static void set_caps(GstElement *source, GstCaps *caps) {
  gst_app_src_set_caps(GST_APP_SRC(source), caps);
  gst_caps_unref(caps);
}

static GstElement *source_of(GstElement *bin, const char *name) {
  GstElement *source = gst_bin_get_by_name(GST_BIN(bin), name);
  if (source != NULL)
    g_object_set(source, "format", GST_FORMAT_TIME, "is-live", TRUE, "max-bytes", (guint64)MAX_WAITING_BYTES,
                 "leaky-type", 2 /* downstream */, NULL);
  return source;
}

static Mount *mount_of(GstRTSPMediaFactory *factory) {
  return factory == server.mounts[0].factory ? &server.mounts[0] : &server.mounts[1];
}

typedef GstRTSPMediaFactory LiveFactory;
typedef GstRTSPMediaFactoryClass LiveFactoryClass;
G_DEFINE_TYPE(LiveFactory, live_factory, GST_TYPE_RTSP_MEDIA_FACTORY)

/* NULL while nothing is encoded. */
static GstElement *create_element(GstRTSPMediaFactory *factory, const GstRTSPUrl *url) {
  (void)url;
  Mount *mount = mount_of(factory);
  g_mutex_lock(&server.mutex);
  gboolean is_on = server.avc_configuration != NULL;
  gboolean has_sound = (mount->codec == BUS_CODEC_OPUS ? &server.opus : &server.aac)->configuration != NULL;
  g_mutex_unlock(&server.mutex);
  if (!is_on) return NULL;
  GString *text = g_string_new("( appsrc name=pictures ! h264parse config-interval=-1 ! "
                               "rtph264pay name=pay0 pt=96 config-interval=-1 aggregate-mode=zero-latency");
  if (has_sound)
    g_string_append(text, mount->codec == BUS_CODEC_OPUS
                              ? " appsrc name=sound ! rtpopuspay name=pay1 pt=97"
                              : " appsrc name=sound ! aacparse ! rtpmp4gpay name=pay1 pt=97");
  g_string_append(text, " )");
  GstElement *bin = gst_parse_launch(text->str, NULL);
  g_string_free(text, TRUE);
  return bin;
}

static void live_factory_class_init(LiveFactoryClass *class) { class->create_element = create_element; }

static void live_factory_init(LiveFactory *factory) { (void)factory; }

static void forget_media(Mount *mount) {
  mount->media = NULL;
  mount->has_begun = FALSE;
  g_clear_object(&mount->video);
  g_clear_object(&mount->sound);
}

static gboolean forget_if_gone(gpointer media) {
  g_mutex_lock(&server.mutex);
  for (guint at = 0; at < G_N_ELEMENTS(server.mounts); at++)
    if (server.mounts[at].media == media) forget_media(&server.mounts[at]);
  g_mutex_unlock(&server.mutex);
  return G_SOURCE_REMOVE;
}

/* In the media's own thread. */
static void on_unprepared(GstRTSPMedia *media, gpointer data) {
  (void)data;
  g_idle_add(forget_if_gone, media);
}

static void on_media(GstRTSPMediaFactory *factory, GstRTSPMedia *media, gpointer data) {
  (void)data;
  Mount *mount = mount_of(factory);
  GstElement *bin = gst_rtsp_media_get_element(media);
  g_mutex_lock(&server.mutex);
  forget_media(mount);
  mount->media = media;
  mount->video = source_of(bin, "pictures");
  mount->sound = source_of(bin, "sound");
  gst_object_unref(bin);
  if (mount->video != NULL && server.avc_configuration != NULL) set_caps(mount->video, video_caps());
  if (mount->sound != NULL && server.avc_configuration != NULL)
    set_caps(mount->sound, sound_caps(mount->codec == BUS_CODEC_OPUS ? &server.opus : &server.aac, mount->codec));
  g_mutex_unlock(&server.mutex);
  g_signal_connect(media, "unprepared", G_CALLBACK(on_unprepared), NULL);
  g_idle_add(ask_for_key_frame, NULL);
}

/* Bus time is GStreamer's own clock, so that a picture's time in the pipeline is when it was captured. */
static void push(GstElement *source, GBytes *bytes, guint64 ticks, gboolean key) {
  GstClockTime captured = gst_util_uint64_scale(ticks, GST_SECOND, BUS_TIMESCALE);
  GstClockTime base = gst_element_get_base_time(source);
  GstBuffer *buffer = gst_buffer_new_wrapped_bytes(bytes);
  if (base > 0) GST_BUFFER_PTS(buffer) = captured > base ? captured - base : 0;
  else GST_BUFFER_PTS(buffer) = 0;
  GST_BUFFER_DTS(buffer) = GST_BUFFER_PTS(buffer);
  if (!key) GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  gst_app_src_push_buffer(GST_APP_SRC(source), buffer);
}

/* ── the media bus ──────────────────────────────────────────────────────────────────────────── */

static void end_media(void) {
  g_mutex_lock(&server.mutex);
  for (guint at = 0; at < G_N_ELEMENTS(server.mounts); at++) {
    Mount *mount = &server.mounts[at];
    if (mount->video != NULL) gst_app_src_end_of_stream(GST_APP_SRC(mount->video));
    if (mount->sound != NULL) gst_app_src_end_of_stream(GST_APP_SRC(mount->sound));
    forget_media(mount);
  }
  g_mutex_unlock(&server.mutex);
}

static gboolean drop_client(gpointer data) {
  gst_rtsp_server_client_filter(server.server, (GstRTSPServerClientFilterFunc)filter_one, data);
  return G_SOURCE_REMOVE;
}

static GstRTSPFilterResult filter_watching(GstRTSPServer *rtsp, GstRTSPClient *client, gpointer data) {
  (void)rtsp;
  (void)data;
  return client_id(client) != 0 ? GST_RTSP_FILTER_REMOVE : GST_RTSP_FILTER_KEEP;
}

static gboolean on_over(gpointer data) {
  (void)data;
  server.off_timer = 0;
  g_mutex_lock(&server.mutex);
  g_clear_pointer(&server.avc_configuration, g_bytes_unref);
  g_mutex_unlock(&server.mutex);
  end_media();
  gst_rtsp_server_client_filter(server.server, filter_watching, NULL);
  return G_SOURCE_REMOVE;
}

static void on_off(gpointer data) {
  (void)data;
  if (server.off_timer == 0) server.off_timer = g_timeout_add(OFF_DELAY_MS, on_over, NULL);
}

static void keep_sound(BusSound *kept, const BusSound *sound) {
  g_clear_pointer(&kept->configuration, g_bytes_unref);
  *kept = *sound;
  if (kept->configuration != NULL) g_bytes_ref(kept->configuration);
}

static void on_stream(const BusStream *stream, gpointer data) {
  (void)data;
  if (server.off_timer != 0) g_source_remove(server.off_timer);
  server.off_timer = 0;
  g_mutex_lock(&server.mutex);
  gboolean is_other = server.avc_configuration != NULL &&
                      (!g_bytes_equal(server.avc_configuration, stream->avc_configuration) ||
                       (server.aac.configuration == NULL) != (stream->aac.configuration == NULL));
  g_clear_pointer(&server.avc_configuration, g_bytes_unref);
  server.avc_configuration = g_bytes_ref(stream->avc_configuration);
  server.width = stream->width;
  server.height = stream->height;
  keep_sound(&server.aac, &stream->aac);
  keep_sound(&server.opus, &stream->opus);
  g_mutex_unlock(&server.mutex);
  /* Players were told the old parameters in SDP: they come back for the new ones. */
  if (is_other) {
    end_media();
    gst_rtsp_server_client_filter(server.server, filter_watching, NULL);
  }
}

static void on_video(gboolean key, guint64 pts, guint64 dts, GBytes *unit, gpointer data) {
  (void)dts;
  (void)data;
  g_mutex_lock(&server.mutex);
  for (guint at = 0; at < G_N_ELEMENTS(server.mounts); at++) {
    Mount *mount = &server.mounts[at];
    if (mount->video == NULL || (!mount->has_begun && !key)) continue;
    mount->has_begun = TRUE;
    push(mount->video, unit, pts, key);
  }
  g_mutex_unlock(&server.mutex);
}

static void on_audio(guint codec, guint64 pts, guint32 duration, GBytes *frame, gpointer data) {
  (void)duration;
  (void)data;
  g_mutex_lock(&server.mutex);
  for (guint at = 0; at < G_N_ELEMENTS(server.mounts); at++) {
    Mount *mount = &server.mounts[at];
    if (mount->codec == codec && mount->sound != NULL && mount->has_begun) push(mount->sound, frame, pts, TRUE);
  }
  g_mutex_unlock(&server.mutex);
}

/* ── its life ───────────────────────────────────────────────────────────────────────────────── */

static void mount_path(GstRTSPMountPoints *points, Mount *mount, const char *path, guint codec) {
  mount->path = path;
  mount->codec = codec;
  mount->factory = g_object_new(live_factory_get_type(), NULL);
  gst_rtsp_media_factory_set_shared(mount->factory, TRUE);
  gst_rtsp_media_factory_set_stop_on_disconnect(mount->factory, TRUE);
  gst_rtsp_media_factory_set_suspend_mode(mount->factory, GST_RTSP_SUSPEND_MODE_NONE);
  gst_rtsp_media_factory_set_protocols(mount->factory, GST_RTSP_LOWER_TRANS_UDP | GST_RTSP_LOWER_TRANS_TCP);
  gst_rtsp_media_factory_set_latency(mount->factory, 0);
  if (setting("pin") != NULL)
    gst_rtsp_media_factory_add_role(mount->factory, ROLE, GST_RTSP_PERM_MEDIA_FACTORY_ACCESS, G_TYPE_BOOLEAN, TRUE,
                                    GST_RTSP_PERM_MEDIA_FACTORY_CONSTRUCT, G_TYPE_BOOLEAN, TRUE, NULL);
  g_signal_connect(mount->factory, "media-configure", G_CALLBACK(on_media), NULL);
  gst_rtsp_mount_points_add_factory(points, path, g_object_ref(mount->factory));
}

static gboolean listen_at(const char *address, const char *port) {
  GError *error = NULL;
  gst_rtsp_server_set_address(server.server, address);
  gst_rtsp_server_set_service(server.server, port);
  GSource *source = gst_rtsp_server_create_source(server.server, NULL, &error);
  g_clear_error(&error);
  if (source == NULL) return FALSE;
  g_source_attach(source, NULL);
  g_source_unref(source);
  return TRUE;
}

static gboolean sweep(gpointer data) {
  (void)data;
  GstRTSPSessionPool *pool = gst_rtsp_server_get_session_pool(server.server);
  gst_rtsp_session_pool_cleanup(pool);
  g_object_unref(pool);
  return G_SOURCE_CONTINUE;
}

static void handle_line(char *line) {
  if (g_str_has_prefix(line, "pin ")) hear_pin(line);
  else if (g_str_has_prefix(line, "free ")) g_atomic_int_set(&server.free_places, atoi(line + 5));
  else if (g_str_has_prefix(line, "end ")) drop_client(GUINT_TO_POINTER((guint)strtoul(line + 4, NULL, 10)));
  else if (strcmp(line, "off") == 0) {
    if (server.off_timer != 0) g_source_remove(server.off_timer);
    on_over(NULL);
  }
}

int main(void) {
  static const BusHandler handler = {on_stream, on_video, on_audio, on_off};
  static const char *const needed[] = {"bus", "port", NULL};
  program_begin();
  server.settings = program_settings(needed);
  if (server.settings == NULL) return 2;
  gst_init(NULL, NULL);
  g_mutex_init(&server.mutex);
  g_mutex_init(&server.pin_mutex);
  g_cond_init(&server.pin_answered);
  server.free_places = setting("free") != NULL ? atoi(setting("free")) : 0;
  server.loop = g_main_loop_new(NULL, FALSE);
  server.server = gst_rtsp_server_new();
  GstRTSPThreadPool *threads = gst_rtsp_server_get_thread_pool(server.server);
  gst_rtsp_thread_pool_set_max_threads(threads, 1);
  g_object_unref(threads);
  if (setting("pin") != NULL) ask_for_pin(setting("pin"));
  GstRTSPMountPoints *points = gst_rtsp_server_get_mount_points(server.server);
  mount_path(points, &server.mounts[0], "/live", BUS_CODEC_AAC);
  mount_path(points, &server.mounts[1], "/live/opus", BUS_CODEC_OPUS);
  g_object_unref(points);
  g_signal_connect(server.server, "client-connected", G_CALLBACK(on_client), NULL);
  /* A machine without IPv6 has no "::". */
  if (!listen_at("::", setting("port")) && !listen_at("0.0.0.0", setting("port"))) {
    say("failed\tport %s can't be used", setting("port"));
    return 1;
  }
  server.bus = bus_reader_start(setting("bus"), "rtsp", BUS_WANTS_VIDEO | BUS_WANTS_AAC | BUS_WANTS_OPUS, &handler, NULL);
  say("listening\t%d", gst_rtsp_server_get_bound_port(server.server));
  program_follow_input(server.loop, handle_line);
  g_timeout_add_seconds(10, sweep, NULL);
  g_main_loop_run(server.loop);
  _exit(0);
}
