/* A USB camera as the kernel shows it, linked to what asks it: ioctls of /dev/null are answered here. What is set is kept in
 * the file ONAIR_TEST_CAMERA, as a camera keeps it while nobody has it open. As a real one it refuses numbers while it
 * decides by itself; saturation 13 it never takes. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

struct known {
  uint32_t id, type;
  int32_t minimum, maximum, step, standard;
  /* The control that decides by itself, and its value for "by hand". */
  uint32_t automatic;
  int32_t manual;
};
static const struct known all[] = {
    {V4L2_CID_BRIGHTNESS, V4L2_CTRL_TYPE_INTEGER, 0, 255, 1, 128, 0, 0},
    {V4L2_CID_SATURATION, V4L2_CTRL_TYPE_INTEGER, 0, 255, 1, 128, 0, 0},
    {V4L2_CID_AUTO_WHITE_BALANCE, V4L2_CTRL_TYPE_BOOLEAN, 0, 1, 1, 1, 0, 0},
    {V4L2_CID_WHITE_BALANCE_TEMPERATURE, V4L2_CTRL_TYPE_INTEGER, 2000, 6500, 10, 4000, V4L2_CID_AUTO_WHITE_BALANCE, 0},
    {V4L2_CID_EXPOSURE_AUTO, V4L2_CTRL_TYPE_MENU, 0, 3, 1, 3, 0, 0},
    {V4L2_CID_EXPOSURE_ABSOLUTE, V4L2_CTRL_TYPE_INTEGER, 3, 2047, 1, 250, V4L2_CID_EXPOSURE_AUTO, 1},
    {V4L2_CID_FOCUS_AUTO, V4L2_CTRL_TYPE_BOOLEAN, 0, 1, 1, 1, 0, 0},
    {V4L2_CID_FOCUS_ABSOLUTE, V4L2_CTRL_TYPE_INTEGER, 0, 250, 5, 0, V4L2_CID_FOCUS_AUTO, 0},
    {V4L2_CID_HFLIP, V4L2_CTRL_TYPE_BOOLEAN, 0, 1, 1, 0, 0, 0},
};
enum { count = sizeof all / sizeof *all };

struct mode {
  uint32_t format, width, height, rate;
};
/* In the order of the kernel's indices: formats, their sizes, the rates of these. No camera is asked for H.264. */
static const struct mode modes[] = {
    {V4L2_PIX_FMT_YUYV, 640, 480, 30},    {V4L2_PIX_FMT_YUYV, 640, 480, 15},     {V4L2_PIX_FMT_YUYV, 1280, 720, 10},
    {V4L2_PIX_FMT_MJPEG, 1920, 1080, 30}, {V4L2_PIX_FMT_MJPEG, 640, 480, 30},    {V4L2_PIX_FMT_H264, 1920, 1080, 120},
};
enum { mode_count = sizeof modes / sizeof *modes };

/* Whether a mode before it is of the same format (and size). */
static bool seen(int at, bool size) {
  for (int i = 0; i < at; i++)
    if (modes[i].format == modes[at].format &&
        (!size || (modes[i].width == modes[at].width && modes[i].height == modes[at].height)))
      return true;
  return false;
}

static int32_t *values(void) {
  static int32_t *kept;
  if (kept != NULL) return kept;
  int file = open(ONAIR_TEST_CAMERA, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  struct stat status;
  if (file < 0 || fstat(file, &status) < 0) abort();
  bool fresh = status.st_size == 0;
  if (fresh && ftruncate(file, sizeof(int32_t) * count) < 0) abort();
  kept = mmap(NULL, sizeof(int32_t) * count, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (kept == MAP_FAILED) abort();
  for (int i = 0; fresh && i < count; i++) kept[i] = all[i].standard;
  return kept;
}

static int find(uint32_t id) {
  for (int i = 0; i < count; i++)
    if (all[i].id == id) return i;
  return -1;
}

static int control(struct v4l2_ext_controls *controls, bool sets) {
  struct v4l2_ext_control *one = controls->controls;
  int at = controls->count == 1 ? find(one->id) : -1;
  if (at < 0) return EINVAL;
  if (!sets) {
    one->value = values()[at];
    return 0;
  }
  if (one->value < all[at].minimum || one->value > all[at].maximum) return ERANGE;
  if (all[at].automatic != 0 && values()[find(all[at].automatic)] != all[at].manual) return EACCES;
  if (all[at].id == V4L2_CID_SATURATION && one->value == 13) return EIO;
  values()[at] = one->value;
  return 0;
}

static int answer(unsigned long request, void *argument) {
  switch (request) {
    case VIDIOC_ENUM_FMT: {
      struct v4l2_fmtdesc *asked = argument;
      uint32_t index = 0;
      for (int i = 0; i < mode_count; i++) {
        if (seen(i, false) || index++ != asked->index) continue;
        asked->pixelformat = modes[i].format;
        asked->flags = modes[i].format == V4L2_PIX_FMT_YUYV ? 0 : V4L2_FMT_FLAG_COMPRESSED;
        return 0;
      }
      return EINVAL;
    }
    case VIDIOC_ENUM_FRAMESIZES: {
      struct v4l2_frmsizeenum *asked = argument;
      uint32_t index = 0;
      for (int i = 0; i < mode_count; i++) {
        if (modes[i].format != asked->pixel_format || seen(i, true) || index++ != asked->index) continue;
        asked->type = V4L2_FRMSIZE_TYPE_DISCRETE;
        asked->discrete.width = modes[i].width;
        asked->discrete.height = modes[i].height;
        return 0;
      }
      return EINVAL;
    }
    case VIDIOC_ENUM_FRAMEINTERVALS: {
      struct v4l2_frmivalenum *asked = argument;
      uint32_t index = 0;
      for (int i = 0; i < mode_count; i++) {
        if (modes[i].format != asked->pixel_format || modes[i].width != asked->width ||
            modes[i].height != asked->height || index++ != asked->index)
          continue;
        asked->type = V4L2_FRMIVAL_TYPE_DISCRETE;
        asked->discrete = (struct v4l2_fract){1, modes[i].rate};
        return 0;
      }
      return EINVAL;
    }
    case VIDIOC_QUERY_EXT_CTRL: {
      struct v4l2_query_ext_ctrl *asked = argument;
      int at = find(asked->id);
      if (at < 0) return EINVAL;
      asked->type = all[at].type;
      asked->minimum = all[at].minimum;
      asked->maximum = all[at].maximum;
      asked->step = (uint64_t)all[at].step;
      asked->default_value = all[at].standard;
      return 0;
    }
    case VIDIOC_QUERYMENU: {
      struct v4l2_querymenu *asked = argument;
      return asked->id == V4L2_CID_EXPOSURE_AUTO && (asked->index == 1 || asked->index == 3) ? 0 : EINVAL;
    }
    case VIDIOC_G_EXT_CTRLS:
      return control(argument, false);
    case VIDIOC_S_EXT_CTRLS:
      return control(argument, true);
    default:
      return ENOTTY;
  }
}

int ioctl(int file, unsigned long request, ...) {
  static int (*real)(int, unsigned long, ...);
  va_list arguments;
  va_start(arguments, request);
  void *argument = va_arg(arguments, void *);
  va_end(arguments);
  struct stat status;
  if (fstat(file, &status) == 0 && S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3)) {
    int problem = answer(request, argument);
    errno = problem;
    return problem == 0 ? 0 : -1;
  }
  if (real == NULL) real = (int (*)(int, unsigned long, ...))dlsym(RTLD_NEXT, "ioctl");
  return real(file, request, argument);
}
