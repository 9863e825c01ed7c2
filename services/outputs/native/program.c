#include "program.h"

#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

static GMainLoop *input_loop;
static void (*input_handler)(char *line);

void program_begin(void) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGINT, SIG_IGN); /* Ctrl-C goes to the whole group: the parent decides. */
}

GHashTable *program_settings(const char *const *needed) {
  GHashTable *settings = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  char *line = NULL;
  size_t size = 0;
  ssize_t length;
  gboolean started = FALSE;
  setvbuf(stdin, NULL, _IONBF, 0);
  while (!started && (length = getline(&line, &size, stdin)) > 0) {
    if (line[length - 1] == '\n') line[length - 1] = '\0';
    started = strcmp(line, "start") == 0;
    char *value = strchr(line, ' ');
    if (started || value == NULL) continue;
    *value = '\0';
    g_hash_table_replace(settings, g_strdup(line), g_strdup(value + 1));
  }
  free(line);
  for (; started && *needed != NULL; needed++) started = g_hash_table_contains(settings, *needed);
  if (started) return settings;
  g_hash_table_destroy(settings);
  return NULL;
}

static gboolean on_input(gint file, GIOCondition condition, gpointer data) {
  static char pending[8192];
  static gsize length = 0;
  (void)condition;
  (void)data;
  ssize_t count = read(file, pending + length, sizeof pending - 1 - length);
  if (count <= 0) {
    g_main_loop_quit(input_loop);
    return G_SOURCE_REMOVE;
  }
  length += (gsize)count;
  pending[length] = '\0';
  for (char *end; (end = strchr(pending, '\n')) != NULL;) {
    *end = '\0';
    input_handler(pending);
    length -= (gsize)(end + 1 - pending);
    memmove(pending, end + 1, length + 1);
  }
  if (length == sizeof pending - 1) length = 0;
  return G_SOURCE_CONTINUE;
}

void program_follow_input(GMainLoop *loop, void (*handle_line)(char *line)) {
  input_loop = loop;
  input_handler = handle_line;
  g_unix_fd_add(0, G_IO_IN | G_IO_HUP, on_input, NULL);
}
