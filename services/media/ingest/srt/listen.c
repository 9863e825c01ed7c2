/*
 * Takes one SRT publisher, and ends with it: the MPEG transport stream goes to standard output. GStreamer's srtsrc asks by
 * a signal whether a caller may come in, which the binding for Node.js cannot answer.
 *
 * Standard input: lines "port NUMBER" and "key TEXT", then "start". Its end ends the program.
 * File descriptor 3: lines of fields separated by tabs.
 *   listening
 *   caller ADDRESS      it showed the key as its stream id
 *   refused WHY ADDRESS WHY is key or second
 *   failed MESSAGE      it can't listen; then it ends
 */
#define _GNU_SOURCE
#include <gio/gio.h>
#include <glib-unix.h>
#include <gst/gst.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static GMainLoop *loop;
static char key[128];
static gint taken; /* a caller is here; srtsrc's threads ask */
static guint port;

static void tell(const char *format, ...) G_GNUC_PRINTF(1, 2);
static void tell(const char *format, ...) {
  va_list values;
  va_start(values, format);
  vdprintf(3, format, values);
  va_end(values);
}

/* Takes as long wherever they differ. */
static gboolean is_key(const char *text) {
  size_t length = strlen(key), other = strlen(text);
  unsigned difference = length != other || length == 0;
  for (size_t at = 0; at < length; at += 1) difference |= (unsigned char)key[at] ^ (unsigned char)(at < other ? text[at] : 0);
  return difference == 0;
}

static char *address_of(GSocketAddress *address) {
  if (!G_IS_INET_SOCKET_ADDRESS(address)) return g_strdup("somebody");
  char *text = g_inet_address_to_string(g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(address)));
  /* IPv4 through a socket of IPv6. */
  if (g_str_has_prefix(text, "::ffff:")) memmove(text, text + 7, strlen(text + 7) + 1);
  return text;
}

static gboolean caller_connecting(GstElement *source, GSocketAddress *address, const char *stream_id, gpointer data) {
  (void)source;
  (void)data;
  g_autofree char *from = address_of(address);
  if (stream_id == NULL || !is_key(stream_id)) {
    tell("refused\tkey\t%s\n", from);
    return FALSE;
  }
  if (!g_atomic_int_compare_and_exchange(&taken, 0, 1)) {
    tell("refused\tsecond\t%s\n", from);
    return FALSE;
  }
  tell("caller\t%s\n", from);
  return TRUE;
}

static void caller_removed(GstElement *source, gint id, GSocketAddress *address, gpointer data) {
  (void)source;
  (void)id;
  (void)address;
  (void)data;
  g_main_loop_quit(loop);
}

static gboolean on_message(GstBus *bus, GstMessage *message, gpointer data) {
  (void)bus;
  (void)data;
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS) g_main_loop_quit(loop);
  if (GST_MESSAGE_TYPE(message) != GST_MESSAGE_ERROR) return TRUE;
  g_autoptr(GError) error = NULL;
  gst_message_parse_error(message, &error, NULL);
  if (!g_atomic_int_get(&taken)) tell("failed\t%s\n", g_strdelimit(error->message, "\t\n", ' '));
  g_main_loop_quit(loop);
  return TRUE;
}

static gboolean on_input(gint descriptor, GIOCondition condition, gpointer data) {
  (void)condition;
  (void)data;
  char rest[256];
  if (read(descriptor, rest, sizeof rest) <= 0) g_main_loop_quit(loop);
  return TRUE;
}

static gboolean listens(GstElement *pipeline, GstElement *source, const char *host, const char *options) {
  g_autofree char *uri = g_strdup_printf("srt://%s:%u?mode=listener%s", host, port, options);
  g_object_set(source, "uri", uri, NULL);
  if (gst_element_set_state(pipeline, GST_STATE_PLAYING) != GST_STATE_CHANGE_FAILURE) return TRUE;
  gst_element_set_state(pipeline, GST_STATE_NULL);
  return FALSE;
}

int main(int count, char **arguments) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  signal(SIGPIPE, SIG_IGN);
  char line[256];
  while (fgets(line, sizeof line, stdin) != NULL && strcmp(line, "start\n") != 0) {
    line[strcspn(line, "\n")] = 0;
    if (strncmp(line, "port ", 5) == 0) port = (guint)atoi(line + 5);
    if (strncmp(line, "key ", 4) == 0) g_strlcpy(key, line + 4, sizeof key);
  }
  gst_init(&count, &arguments);
  loop = g_main_loop_new(NULL, FALSE);
  GstElement *pipeline = gst_pipeline_new(NULL);
  GstElement *source = gst_element_factory_make("srtsrc", NULL), *sink = gst_element_factory_make("fdsink", NULL);
  if (source == NULL || sink == NULL) {
    tell("failed\tGStreamer has no SRT here\n");
    return 1;
  }
  g_object_set(source, "authentication", TRUE, "keep-listening", FALSE, NULL);
  g_object_set(sink, "fd", 1, "sync", FALSE, NULL);
  g_signal_connect(source, "caller-connecting", G_CALLBACK(caller_connecting), NULL);
  g_signal_connect(source, "caller-removed", G_CALLBACK(caller_removed), NULL);
  gst_bin_add_many(GST_BIN(pipeline), source, sink, NULL);
  gst_element_link(source, sink);
  g_autoptr(GstBus) bus = gst_element_get_bus(pipeline);
  gst_bus_add_watch(bus, on_message, NULL);
  g_unix_fd_add(0, G_IO_IN | G_IO_HUP, on_input, NULL);
  /* A machine without IPv6 has no second address. */
  if (!listens(pipeline, source, "[::]", "&ipv6only=0") &&
      !listens(pipeline, source, "0.0.0.0", ""))
    tell("failed\tthe port cannot be used\n");
  else {
    tell("listening\n");
    g_main_loop_run(loop);
  }
  _exit(0); /* there is nothing to save, and libsrt's threads may wait */
}
