/*
 * A disk that dies, for tests: preloaded into a program, it answers EIO to whatever would write to a recording while the file
 * that ONAIR_TEST_DEAD_DISK names is there.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static int is_dead(int file) {
  const char *mark = getenv("ONAIR_TEST_DEAD_DISK");
  if (mark == NULL || access(mark, F_OK) != 0) return 0;
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return 0;
  path[length] = '\0';
  if (strstr(path, "/recordings/") == NULL) return 0;
  errno = EIO;
  return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) {
  return is_dead(file) ? -1 : REAL(pwrite)(file, bytes, count, at);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at) {
  return is_dead(file) ? -1 : REAL(pwrite64)(file, bytes, count, at);
}

ssize_t pwritev(int file, const struct iovec *parts, int count, off_t at) {
  return is_dead(file) ? -1 : REAL(pwritev)(file, parts, count, at);
}

ssize_t pwritev64(int file, const struct iovec *parts, int count, off64_t at) {
  return is_dead(file) ? -1 : REAL(pwritev64)(file, parts, count, at);
}

int fsync(int file) {
  return is_dead(file) ? -1 : REAL(fsync)(file);
}

int fdatasync(int file) {
  return is_dead(file) ? -1 : REAL(fdatasync)(file);
}
