/*
 * What GStreamer's v4l2h264enc leaves out of a V4L2 encoder: what it can do, asked before it is used, and its controls
 * while it runs. Each user of such a device has controls of its own, so they are set through the descriptor
 * that the element itself opened. Plain Node-API, so that one build serves every version.
 *   probe(path, width, height): {card, takesSize, levels, controls}: whether raw pictures of that size are taken, the H.264
 *     levels it offers (V4L2's menu indices) and the ids of those of our controls that it has. Throws with the
 *     system's code where the device can't be opened or is no H.264 encoder (ENOTTY).
 *   describe(path): {modes, controls}: the sizes and rates of a camera, [width, height, frames per second] each, and those
 *     of its controls that are asked for by their ids: [id, minimum, maximum, step, default, value, menu], the menu as the
 *     indices that it has. Throws with the system's code.
 *   setControl(path, id, value): of the device that this process has open. Throws with the system's code, ENOENT where it
 *     has none open.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <node_api.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static int request(int file, unsigned long code, void *argument) {
  int result;
  do result = ioctl(file, code, argument);
  while (result < 0 && errno == EINTR);
  return result;
}

static napi_value fail(napi_env env, int problem) {
  napi_throw_error(env, strerrorname_np(problem), strerror(problem));
  return NULL;
}

static void set(napi_env env, napi_value object, const char *name, napi_value value) {
  napi_set_named_property(env, object, name, value);
}

static napi_value number(napi_env env, uint32_t value) {
  napi_value result;
  napi_create_uint32(env, value, &result);
  return result;
}

static bool has_format(int file, enum v4l2_buf_type type, uint32_t wanted) {
  struct v4l2_fmtdesc format = {.type = type};
  for (; request(file, VIDIOC_ENUM_FMT, &format) == 0; format.index++)
    if (format.pixelformat == wanted) return true;
  return false;
}

static bool within(uint32_t value, uint32_t least, uint32_t most, uint32_t step) {
  return value >= least && value <= most && (step == 0 || (value - least) % step == 0);
}

/* A device that lists no sizes takes what it is given, as far as one knows before. */
static bool takes_size(int file, uint32_t format, uint32_t width, uint32_t height) {
  struct v4l2_frmsizeenum size = {.pixel_format = format};
  for (; request(file, VIDIOC_ENUM_FRAMESIZES, &size) == 0; size.index++) {
    if (size.type != V4L2_FRMSIZE_TYPE_DISCRETE)
      return within(width, size.stepwise.min_width, size.stepwise.max_width, size.stepwise.step_width) &&
             within(height, size.stepwise.min_height, size.stepwise.max_height, size.stepwise.step_height);
    if (size.discrete.width == width && size.discrete.height == height) return true;
  }
  return size.index == 0;
}

static napi_value level_list(napi_env env, int file) {
  struct v4l2_queryctrl control = {.id = V4L2_CID_MPEG_VIDEO_H264_LEVEL};
  napi_value list;
  uint32_t count = 0;
  napi_create_array(env, &list);
  if (request(file, VIDIOC_QUERYCTRL, &control) < 0) return list;
  for (int32_t index = control.minimum; index <= control.maximum; index++) {
    struct v4l2_querymenu entry = {.id = control.id, .index = (uint32_t)index};
    if (request(file, VIDIOC_QUERYMENU, &entry) == 0) napi_set_element(env, list, count++, number(env, entry.index));
  }
  return list;
}

static napi_value control_list(napi_env env, int file) {
  static const uint32_t ours[] = {V4L2_CID_MPEG_VIDEO_BITRATE, V4L2_CID_MPEG_VIDEO_FORCE_KEY_FRAME,
                                  V4L2_CID_MPEG_VIDEO_H264_I_PERIOD, V4L2_CID_MPEG_VIDEO_REPEAT_SEQ_HEADER};
  napi_value list;
  uint32_t count = 0;
  napi_create_array(env, &list);
  for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
    struct v4l2_queryctrl control = {.id = ours[i]};
    if (request(file, VIDIOC_QUERYCTRL, &control) == 0 && !(control.flags & V4L2_CTRL_FLAG_DISABLED))
      napi_set_element(env, list, count++, number(env, control.id));
  }
  return list;
}

static napi_value probe(napi_env env, napi_callback_info info) {
  char path[256];
  size_t length, count = 3;
  uint32_t width, height;
  napi_value arguments[3];
  if (napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok || count < 3 ||
      napi_get_value_string_utf8(env, arguments[0], path, sizeof path, &length) != napi_ok ||
      napi_get_value_uint32(env, arguments[1], &width) != napi_ok ||
      napi_get_value_uint32(env, arguments[2], &height) != napi_ok) {
    napi_throw_type_error(env, NULL, "probe(path, width, height) takes a string and two numbers");
    return NULL;
  }
  int file = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (file < 0) return fail(env, errno);
  struct v4l2_capability capability = {0};
  if (request(file, VIDIOC_QUERYCAP, &capability) < 0) {
    int problem = errno;
    close(file);
    return fail(env, problem);
  }
  uint32_t can = capability.capabilities & V4L2_CAP_DEVICE_CAPS ? capability.device_caps : capability.capabilities;
  bool planes = can & V4L2_CAP_VIDEO_M2M_MPLANE;
  enum v4l2_buf_type coded = planes ? V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE : V4L2_BUF_TYPE_VIDEO_CAPTURE;
  enum v4l2_buf_type raw = planes ? V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE : V4L2_BUF_TYPE_VIDEO_OUTPUT;
  uint32_t planar = V4L2_PIX_FMT_YUV420;
  if (!(can & (V4L2_CAP_VIDEO_M2M | V4L2_CAP_VIDEO_M2M_MPLANE)) || !has_format(file, coded, V4L2_PIX_FMT_H264) ||
      !has_format(file, raw, planar)) {
    close(file);
    return fail(env, ENOTTY);
  }

  napi_value result, value;
  napi_create_object(env, &result);
  napi_create_string_latin1(env, (const char *)capability.card, strnlen((const char *)capability.card, 32), &value);
  set(env, result, "card", value);
  napi_get_boolean(env,
                   takes_size(file, planar, width, height) && takes_size(file, V4L2_PIX_FMT_H264, width, height),
                   &value);
  set(env, result, "takesSize", value);
  set(env, result, "levels", level_list(env, file));
  set(env, result, "controls", control_list(env, file));
  close(file);
  return result;
}

enum { most_modes = 2048 };

static napi_value list_of(napi_env env, const double *values, size_t count) {
  napi_value list, value;
  napi_create_array_with_length(env, count, &list);
  for (size_t i = 0; i < count; i++) {
    napi_create_double(env, values[i], &value);
    napi_set_element(env, list, (uint32_t)i, value);
  }
  return list;
}

/* Discrete rates as they are; of a range, its fastest. */
static void add_rates(napi_env env, int file, uint32_t format, uint32_t width, uint32_t height, napi_value modes,
                      uint32_t *count) {
  struct v4l2_frmivalenum interval = {.pixel_format = format, .width = width, .height = height};
  for (; *count < most_modes && request(file, VIDIOC_ENUM_FRAMEINTERVALS, &interval) == 0; interval.index++) {
    bool discrete = interval.type == V4L2_FRMIVAL_TYPE_DISCRETE;
    struct v4l2_fract frame = discrete ? interval.discrete : interval.stepwise.min;
    if (frame.numerator != 0) {
      double mode[] = {width, height, (double)frame.denominator / frame.numerator};
      napi_set_element(env, modes, (*count)++, list_of(env, mode, 3));
    }
    if (!discrete) return;
  }
}

/* Raw pictures and JPEG: no camera is asked for others. Of a range of sizes, its largest. */
static napi_value mode_list(napi_env env, int file) {
  napi_value modes;
  uint32_t count = 0;
  napi_create_array(env, &modes);
  struct v4l2_fmtdesc format = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
  for (; count < most_modes && request(file, VIDIOC_ENUM_FMT, &format) == 0; format.index++) {
    bool coded = format.flags & V4L2_FMT_FLAG_COMPRESSED;
    if (coded && format.pixelformat != V4L2_PIX_FMT_MJPEG && format.pixelformat != V4L2_PIX_FMT_JPEG) continue;
    struct v4l2_frmsizeenum size = {.pixel_format = format.pixelformat};
    for (; count < most_modes && request(file, VIDIOC_ENUM_FRAMESIZES, &size) == 0; size.index++) {
      bool discrete = size.type == V4L2_FRMSIZE_TYPE_DISCRETE;
      uint32_t width = discrete ? size.discrete.width : size.stepwise.max_width;
      uint32_t height = discrete ? size.discrete.height : size.stepwise.max_height;
      add_rates(env, file, format.pixelformat, width, height, modes, &count);
      if (!discrete) break;
    }
  }
  return modes;
}

/* What can't be read is taken to be the default. */
static double value_of(int file, const struct v4l2_query_ext_ctrl *described) {
  struct v4l2_ext_control control = {.id = described->id};
  struct v4l2_ext_controls controls = {.which = V4L2_CTRL_WHICH_CUR_VAL, .count = 1, .controls = &control};
  return request(file, VIDIOC_G_EXT_CTRLS, &controls) < 0 ? (double)described->default_value : control.value;
}

static napi_value offered_list(napi_env env, int file, napi_value ids) {
  napi_value list, id_value, entry, menu;
  uint32_t asked = 0, count = 0;
  napi_create_array(env, &list);
  napi_get_array_length(env, ids, &asked);
  for (uint32_t i = 0; i < asked; i++) {
    struct v4l2_query_ext_ctrl control = {0};
    if (napi_get_element(env, ids, i, &id_value) != napi_ok ||
        napi_get_value_uint32(env, id_value, &control.id) != napi_ok ||
        request(file, VIDIOC_QUERY_EXT_CTRL, &control) < 0 || control.flags & V4L2_CTRL_FLAG_DISABLED)
      continue;
    double figures[] = {control.id,           (double)control.minimum,       (double)control.maximum,
                        (double)control.step, (double)control.default_value, value_of(file, &control)};
    entry = list_of(env, figures, sizeof figures / sizeof *figures);
    napi_create_array(env, &menu);
    if (control.type == V4L2_CTRL_TYPE_MENU || control.type == V4L2_CTRL_TYPE_INTEGER_MENU) {
      uint32_t entries = 0;
      for (int64_t index = control.minimum; index <= control.maximum && index < 64; index++) {
        struct v4l2_querymenu item = {.id = control.id, .index = (uint32_t)index};
        if (request(file, VIDIOC_QUERYMENU, &item) == 0)
          napi_set_element(env, menu, entries++, number(env, item.index));
      }
    }
    napi_set_element(env, entry, sizeof figures / sizeof *figures, menu);
    napi_set_element(env, list, count++, entry);
  }
  return list;
}

static napi_value describe(napi_env env, napi_callback_info info) {
  char path[256];
  size_t length, count = 2;
  bool is_list = false;
  napi_value arguments[2], result;
  if (napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok || count < 2 ||
      napi_get_value_string_utf8(env, arguments[0], path, sizeof path, &length) != napi_ok ||
      napi_is_array(env, arguments[1], &is_list) != napi_ok || !is_list) {
    napi_throw_type_error(env, NULL, "describe(path, ids) takes a string and a list of numbers");
    return NULL;
  }
  int file = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (file < 0) return fail(env, errno);
  napi_create_object(env, &result);
  set(env, result, "modes", mode_list(env, file));
  set(env, result, "controls", offered_list(env, file, arguments[1]));
  close(file);
  return result;
}

/* The descriptor that some part of this process has of the device; -1 with errno. */
static int opened(const char *path) {
  struct stat wanted, found;
  if (stat(path, &wanted) < 0) return -1;
  DIR *folder = opendir("/proc/self/fd");
  if (folder == NULL) return -1;
  int file = -1;
  for (struct dirent *entry; file < 0 && (entry = readdir(folder)) != NULL;) {
    int each = atoi(entry->d_name);
    if (entry->d_name[0] != '.' && each != dirfd(folder) && fstat(each, &found) == 0 && S_ISCHR(found.st_mode) &&
        found.st_rdev == wanted.st_rdev)
      file = each;
  }
  closedir(folder);
  if (file < 0) errno = ENOENT;
  return file;
}

static napi_value set_control(napi_env env, napi_callback_info info) {
  char path[256];
  size_t length, count = 3;
  uint32_t id;
  int32_t wanted;
  napi_value arguments[3];
  if (napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok || count < 3 ||
      napi_get_value_string_utf8(env, arguments[0], path, sizeof path, &length) != napi_ok ||
      napi_get_value_uint32(env, arguments[1], &id) != napi_ok ||
      napi_get_value_int32(env, arguments[2], &wanted) != napi_ok) {
    napi_throw_type_error(env, NULL, "setControl(path, id, value) takes a string and two numbers");
    return NULL;
  }
  struct v4l2_ext_control control = {.id = id, .value = wanted};
  struct v4l2_ext_controls controls = {.which = V4L2_CTRL_WHICH_CUR_VAL, .count = 1, .controls = &control};
  int file = opened(path);
  if (file < 0 || request(file, VIDIOC_S_EXT_CTRLS, &controls) < 0) return fail(env, errno);
  return NULL;
}

static void export_function(napi_env env, napi_value exports, const char *name, napi_callback callback) {
  napi_value function;
  if (napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, NULL, &function) == napi_ok)
    set(env, exports, name, function);
}

NAPI_MODULE_INIT() {
  export_function(env, exports, "probe", probe);
  export_function(env, exports, "describe", describe);
  export_function(env, exports, "setControl", set_control);
  return exports;
}
