/*
 * What Node.js lacks and a daemon on a small board needs. Plain Node-API, so that one build serves every version.
 *   notify(path, text): sends one datagram to the service manager (sd_notify(3)); Node.js has no Unix datagram sockets,
 *     and a child process would need NotifyAccess=all. A path with a leading @ is an abstract socket's. Throws with
 *     the system's code where it can't be sent.
 *   trimHeap(): gives memory that was freed back to the system (malloc_trim(3)).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <malloc.h>
#include <node_api.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static napi_value notify(napi_env env, napi_callback_info info) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  char text[1024];
  size_t path_length, text_length, count = 2;
  napi_value arguments[2];
  if (napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok || count < 2 ||
      napi_get_value_string_utf8(env, arguments[0], NULL, 0, &path_length) != napi_ok ||
      napi_get_value_string_utf8(env, arguments[1], text, sizeof text, &text_length) != napi_ok) {
    napi_throw_type_error(env, NULL, "notify(path, text) takes two strings");
    return NULL;
  }
  if (path_length == 0 || path_length >= sizeof address.sun_path) {
    napi_throw_error(env, "ENAMETOOLONG", "no such socket path can be");
    return NULL;
  }
  napi_get_value_string_utf8(env, arguments[0], address.sun_path, sizeof address.sun_path, NULL);
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';

  int file = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  socklen_t size = offsetof(struct sockaddr_un, sun_path) + path_length;
  ssize_t sent = file < 0 ? -1 : sendto(file, text, text_length, MSG_NOSIGNAL, (struct sockaddr *)&address, size);
  int problem = sent < 0 ? errno : 0;
  if (file >= 0) close(file);
  if (problem != 0) napi_throw_error(env, strerrorname_np(problem), strerror(problem));
  return NULL;
}

static napi_value trim_heap(napi_env env, napi_callback_info info) {
  (void)env;
  (void)info;
  malloc_trim(0);
  return NULL;
}

static void export_function(napi_env env, napi_value exports, const char *name, napi_callback callback) {
  napi_value function;
  if (napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, NULL, &function) == napi_ok)
    napi_set_named_property(env, exports, name, function);
}

NAPI_MODULE_INIT() {
  export_function(env, exports, "notify", notify);
  export_function(env, exports, "trimHeap", trim_heap);
  return exports;
}
