// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/*
 * A hardware H.264 encoder without hardware, for tests in the virtual machine: a stateful V4L2 mem2mem device with the
 * name, the formats and the controls of the Raspberry Pi's (bcm2835-codec). What it writes can be decoded, shows what came
 * in, and follows the bitrate. It is told how to die and what to refuse by module parameters, which also say what
 * it was asked for. Unbinding it from its driver unplugs it.
 */
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <media/v4l2-ctrls.h>
#include <media/v4l2-device.h>
#include <media/v4l2-event.h>
#include <media/v4l2-ioctl.h>
#include <media/v4l2-mem2mem.h>
#include <media/videobuf2-vmalloc.h>

#include "h264.h"

#define DRIVER "onair-h264enc"
#define MIN_SIDE 32
#define MAX_SIDE 1920

MODULE_DESCRIPTION("Test device: a V4L2 H.264 encoder of I_PCM and skipped macroblocks");
MODULE_LICENSE("Dual MIT/GPL");

static char *name = "bcm2835-codec-encode";
module_param(name, charp, 0444);
MODULE_PARM_DESC(name, "what the device is called");

/* How it dies. */
enum death { ALIVE, QBUF_FAILS, STREAMON_FAILS, DQBUF_HANGS };
static uint death;
module_param(death, uint, 0644);
MODULE_PARM_DESC(death, "1: QBUF returns EINVAL, 2: STREAMON fails, 3: DQBUF never returns");
static uint death_after = 20;
module_param(death_after, uint, 0644);
MODULE_PARM_DESC(death_after, "pictures that are encoded before 1 and 3");
static int deaths = -1;
module_param(deaths, int, 0644);
MODULE_PARM_DESC(deaths, "so many users meet that; -1: each one");

/* What it refuses. */
static bool single;
module_param(single, bool, 0644);
MODULE_PARM_DESC(single, "a second user is refused with EBUSY");
static bool no_force_key_frame;
module_param(no_force_key_frame, bool, 0644);
MODULE_PARM_DESC(no_force_key_frame, "there is no such control");
static uint max_level = 51;
module_param(max_level, uint, 0644);
MODULE_PARM_DESC(max_level, "the highest level, times ten");
static uint only_width, only_height;
module_param(only_width, uint, 0644);
module_param(only_height, uint, 0644);
MODULE_PARM_DESC(only_width, "the one size it takes; 0: any");

/* What it was asked for, by its last user. */
static uint users, pictures, key_frames, forced, bitrate, period, level, profile;
module_param(users, uint, 0444);
MODULE_PARM_DESC(users, "that encode now");
module_param(pictures, uint, 0444);
module_param(key_frames, uint, 0444);
module_param(forced, uint, 0444);
MODULE_PARM_DESC(forced, "key frames that were asked for");
module_param(bitrate, uint, 0444);
module_param(period, uint, 0444);
module_param(level, uint, 0444);
module_param(profile, uint, 0444);
static ulong died_ms;
module_param(died_ms, ulong, 0444);
MODULE_PARM_DESC(died_ms, "when the last user died, or the device was unplugged (CLOCK_MONOTONIC)");

static const u32 raw_formats[] = { V4L2_PIX_FMT_YUV420, V4L2_PIX_FMT_NV12 };

struct encoder {
	struct v4l2_device v4l2;
	struct video_device video;
	struct v4l2_m2m_dev *m2m;
	struct mutex lock;
	unsigned int open;
};

struct session {
	struct v4l2_fh fh;
	struct encoder *encoder;
	struct v4l2_ctrl_handler controls;
	struct work_struct work;
	struct h264_stream stream;
	struct v4l2_fract interval;
	u32 raw_format;
	u32 colorspace, ycbcr_enc, xfer_func, quantization;
	u32 bitrate, period, since_key, sequence;
	bool repeat_headers, force, dies, hangs;
	unsigned int encoded;
};

static struct session *user_of(struct file *file)
{
	return container_of(file_to_v4l2_fh(file), struct session, fh);
}

static size_t raw_size(const struct session *user)
{
	return user->stream.width * user->stream.height * 3 / 2;
}

/* Whether this user is to meet a death of this kind. */
static bool meets(struct session *user, enum death kind)
{
	if (death != kind || deaths == 0)
		return false;
	if (kind != STREAMON_FAILS && user->encoded < death_after)
		return false;
	if (!user->dies) {
		user->dies = true;
		died_ms = ktime_to_ms(ktime_get());
		if (deaths > 0)
			deaths--;
	}
	return true;
}

/* Its death goes on, also where no further user is to meet it. */
static bool dying(struct session *user, enum death kind)
{
	return (user->dies && death == kind) || meets(user, kind);
}

/* Encoding. */

static size_t encode(struct session *user, const u8 *raw, u8 *out, size_t room)
{
	struct h264_stream *stream = &user->stream;
	const size_t area = stream->width * stream->height;
	const bool nv12 = user->raw_format == V4L2_PIX_FMT_NV12;
	const struct h264_picture picture = {
		.y = raw,
		.u = raw + area,
		.v = nv12 ? raw + area + 1 : raw + area + area / 4,
		.y_stride = stream->width,
		.uv_stride = nv12 ? stream->width : stream->width / 2,
		.uv_step = nv12 ? 2 : 1,
	};
	const u64 budget = div_u64((u64)user->bitrate * user->interval.numerator, 8 * user->interval.denominator);

	pictures++;
	user->since_key++;
	if (user->encoded == 0 || user->force || (user->period && user->since_key >= user->period)) {
		bool headers = user->encoded == 0 || user->repeat_headers;

		user->force = false;
		user->since_key = 0;
		key_frames++;
		return h264_key_frame(stream, &picture, headers, out, room);
	}
	return h264_p_frame(stream, &picture, budget, out, room);
}

static void work(struct work_struct *work)
{
	struct session *user = container_of(work, struct session, work);
	struct v4l2_m2m_ctx *m2m = user->fh.m2m_ctx;
	struct vb2_v4l2_buffer *from = v4l2_m2m_src_buf_remove(m2m);
	struct vb2_v4l2_buffer *to = v4l2_m2m_dst_buf_remove(m2m);
	u32 before = key_frames;
	size_t size;

	size = encode(user, vb2_plane_vaddr(&from->vb2_buf, 0), vb2_plane_vaddr(&to->vb2_buf, 0),
		      vb2_plane_size(&to->vb2_buf, 0));
	user->encoded++;
	v4l2_m2m_buf_copy_metadata(from, to);
	to->flags &= ~(V4L2_BUF_FLAG_KEYFRAME | V4L2_BUF_FLAG_PFRAME);
	to->flags |= key_frames != before ? V4L2_BUF_FLAG_KEYFRAME : V4L2_BUF_FLAG_PFRAME;
	from->sequence = to->sequence = user->sequence++;
	vb2_set_plane_payload(&to->vb2_buf, 0, size);
	if (v4l2_m2m_is_last_draining_src_buf(m2m, from)) {
		static const struct v4l2_event ended = { .type = V4L2_EVENT_EOS };

		v4l2_m2m_last_buffer_done(m2m, to);
		v4l2_event_queue_fh(&user->fh, &ended);
	} else {
		v4l2_m2m_buf_done(to, size ? VB2_BUF_STATE_DONE : VB2_BUF_STATE_ERROR);
	}
	v4l2_m2m_buf_done(from, VB2_BUF_STATE_DONE);
	if (dying(user, DQBUF_HANGS))
		user->hangs = true;
	v4l2_m2m_job_finish(user->encoder->m2m, m2m);
}

static void device_run(void *priv)
{
	struct session *user = priv;

	schedule_work(&user->work);
}

static int job_ready(void *priv)
{
	struct session *user = priv;

	return !user->hangs;
}

static const struct v4l2_m2m_ops m2m_ops = {
	.device_run = device_run,
	.job_ready = job_ready,
};

/* Buffers. */

static int queue_setup(struct vb2_queue *queue, unsigned int *buffers, unsigned int *planes, unsigned int sizes[],
		       struct device *devices[])
{
	struct session *user = vb2_get_drv_priv(queue);
	size_t size = V4L2_TYPE_IS_OUTPUT(queue->type) ? raw_size(user) :
							 h264_worst_size(user->stream.width, user->stream.height);

	if (*planes)
		return sizes[0] < size ? -EINVAL : 0;
	*planes = 1;
	sizes[0] = size;
	return 0;
}

static int buf_out_validate(struct vb2_buffer *buffer)
{
	to_vb2_v4l2_buffer(buffer)->field = V4L2_FIELD_NONE;
	return 0;
}

static int buf_prepare(struct vb2_buffer *buffer)
{
	struct session *user = vb2_get_drv_priv(buffer->vb2_queue);

	if (V4L2_TYPE_IS_OUTPUT(buffer->vb2_queue->type)) {
		if (dying(user, QBUF_FAILS))
			return -EINVAL;
		if (vb2_plane_size(buffer, 0) < raw_size(user))
			return -EINVAL;
	}
	return 0;
}

static void buf_queue(struct vb2_buffer *buffer)
{
	struct session *user = vb2_get_drv_priv(buffer->vb2_queue);

	v4l2_m2m_buf_queue(user->fh.m2m_ctx, to_vb2_v4l2_buffer(buffer));
}

static void give_back(struct vb2_queue *queue, enum vb2_buffer_state state)
{
	struct session *user = vb2_get_drv_priv(queue);
	struct vb2_v4l2_buffer *buffer;

	do {
		buffer = V4L2_TYPE_IS_OUTPUT(queue->type) ? v4l2_m2m_src_buf_remove(user->fh.m2m_ctx) :
							   v4l2_m2m_dst_buf_remove(user->fh.m2m_ctx);
		if (buffer)
			v4l2_m2m_buf_done(buffer, state);
	} while (buffer);
}

static int start_streaming(struct vb2_queue *queue, unsigned int count)
{
	struct session *user = vb2_get_drv_priv(queue);

	if (dying(user, STREAMON_FAILS)) {
		give_back(queue, VB2_BUF_STATE_QUEUED);
		return -EIO;
	}
	v4l2_m2m_update_start_streaming_state(user->fh.m2m_ctx, queue);
	if (V4L2_TYPE_IS_OUTPUT(queue->type)) {
		user->encoded = 0;
		user->sequence = 0;
		users++;
		bitrate = user->bitrate;
		period = user->period;
		level = user->stream.level;
		profile = user->stream.profile;
	}
	return 0;
}

static void stop_streaming(struct vb2_queue *queue)
{
	struct session *user = vb2_get_drv_priv(queue);

	v4l2_m2m_update_stop_streaming_state(user->fh.m2m_ctx, queue);
	give_back(queue, VB2_BUF_STATE_ERROR);
	if (V4L2_TYPE_IS_OUTPUT(queue->type))
		users--;
}

static const struct vb2_ops queue_ops = {
	.queue_setup = queue_setup,
	.buf_out_validate = buf_out_validate,
	.buf_prepare = buf_prepare,
	.buf_queue = buf_queue,
	.start_streaming = start_streaming,
	.stop_streaming = stop_streaming,
};

static int init_queue(struct session *user, struct vb2_queue *queue, enum v4l2_buf_type type)
{
	queue->type = type;
	queue->io_modes = VB2_MMAP | VB2_DMABUF;
	queue->drv_priv = user;
	queue->buf_struct_size = sizeof(struct v4l2_m2m_buffer);
	queue->ops = &queue_ops;
	queue->mem_ops = &vb2_vmalloc_memops;
	queue->timestamp_flags = V4L2_BUF_FLAG_TIMESTAMP_COPY;
	queue->lock = &user->encoder->lock;
	return vb2_queue_init(queue);
}

static int init_queues(void *priv, struct vb2_queue *from, struct vb2_queue *to)
{
	int error = init_queue(priv, from, V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE);

	return error ? error : init_queue(priv, to, V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE);
}

/* Formats. */

static int querycap(struct file *file, void *priv, struct v4l2_capability *capability)
{
	strscpy(capability->driver, DRIVER, sizeof(capability->driver));
	strscpy(capability->card, name, sizeof(capability->card));
	strscpy(capability->bus_info, "platform:" DRIVER, sizeof(capability->bus_info));
	return 0;
}

static int enum_raw(struct file *file, void *priv, struct v4l2_fmtdesc *format)
{
	if (format->index >= ARRAY_SIZE(raw_formats))
		return -EINVAL;
	format->pixelformat = raw_formats[format->index];
	return 0;
}

static int enum_coded(struct file *file, void *priv, struct v4l2_fmtdesc *format)
{
	if (format->index > 0)
		return -EINVAL;
	format->pixelformat = V4L2_PIX_FMT_H264;
	return 0;
}

static int enum_framesizes(struct file *file, void *priv, struct v4l2_frmsizeenum *size)
{
	if (size->index > 0)
		return -EINVAL;
	if (only_width && only_height) {
		size->type = V4L2_FRMSIZE_TYPE_DISCRETE;
		size->discrete.width = only_width;
		size->discrete.height = only_height;
		return 0;
	}
	size->type = V4L2_FRMSIZE_TYPE_STEPWISE;
	size->stepwise = (struct v4l2_frmsize_stepwise){ MIN_SIDE, MAX_SIDE, 2, MIN_SIDE, MAX_SIDE, 2 };
	return 0;
}

static void fill(const struct session *user, struct v4l2_format *format)
{
	struct v4l2_pix_format_mplane *pix = &format->fmt.pix_mp;
	bool raw = V4L2_TYPE_IS_OUTPUT(format->type);
	unsigned int area = pix->width * pix->height;

	pix->field = V4L2_FIELD_NONE;
	pix->num_planes = 1;
	pix->flags = 0;
	memset(pix->plane_fmt, 0, sizeof(pix->plane_fmt));
	pix->plane_fmt[0].bytesperline = raw ? pix->width : 0;
	pix->plane_fmt[0].sizeimage = raw ? area * 3 / 2 : h264_worst_size(pix->width, pix->height);
	if (!raw) {
		pix->colorspace = user->colorspace;
		pix->ycbcr_enc = user->ycbcr_enc;
		pix->xfer_func = user->xfer_func;
		pix->quantization = user->quantization;
	}
}

static int get_format(struct file *file, void *priv, struct v4l2_format *format)
{
	struct session *user = user_of(file);
	struct v4l2_pix_format_mplane *pix = &format->fmt.pix_mp;

	pix->width = user->stream.width;
	pix->height = user->stream.height;
	pix->pixelformat = V4L2_TYPE_IS_OUTPUT(format->type) ? user->raw_format : V4L2_PIX_FMT_H264;
	pix->colorspace = user->colorspace;
	pix->ycbcr_enc = user->ycbcr_enc;
	pix->xfer_func = user->xfer_func;
	pix->quantization = user->quantization;
	fill(user, format);
	return 0;
}

static int try_format(struct file *file, void *priv, struct v4l2_format *format)
{
	struct v4l2_pix_format_mplane *pix = &format->fmt.pix_mp;

	pix->width = clamp(pix->width & ~1u, MIN_SIDE, MAX_SIDE);
	pix->height = clamp(pix->height & ~1u, MIN_SIDE, MAX_SIDE);
	if (only_width && only_height) {
		pix->width = only_width;
		pix->height = only_height;
	}
	if (!V4L2_TYPE_IS_OUTPUT(format->type))
		pix->pixelformat = V4L2_PIX_FMT_H264;
	else if (pix->pixelformat != V4L2_PIX_FMT_NV12)
		pix->pixelformat = V4L2_PIX_FMT_YUV420;
	fill(user_of(file), format);
	return 0;
}

static int set_format(struct file *file, void *priv, struct v4l2_format *format)
{
	struct session *user = user_of(file);
	struct v4l2_pix_format_mplane *pix = &format->fmt.pix_mp;

	if (vb2_is_busy(v4l2_m2m_get_vq(user->fh.m2m_ctx, format->type)))
		return -EBUSY;
	try_format(file, priv, format);
	if (V4L2_TYPE_IS_OUTPUT(format->type)) {
		user->raw_format = pix->pixelformat;
		user->colorspace = pix->colorspace;
		user->ycbcr_enc = pix->ycbcr_enc;
		user->xfer_func = pix->xfer_func;
		user->quantization = pix->quantization;
	}
	user->stream.width = pix->width;
	user->stream.height = pix->height;
	return 0;
}

static int get_parameters(struct file *file, void *priv, struct v4l2_streamparm *parameters)
{
	if (!V4L2_TYPE_IS_OUTPUT(parameters->type))
		return -EINVAL;
	parameters->parm.output.capability = V4L2_CAP_TIMEPERFRAME;
	parameters->parm.output.timeperframe = user_of(file)->interval;
	return 0;
}

static int set_parameters(struct file *file, void *priv, struct v4l2_streamparm *parameters)
{
	struct v4l2_fract interval = parameters->parm.output.timeperframe;

	if (!V4L2_TYPE_IS_OUTPUT(parameters->type))
		return -EINVAL;
	if (interval.numerator && interval.denominator)
		user_of(file)->interval = interval;
	return get_parameters(file, priv, parameters);
}

static int subscribe(struct v4l2_fh *fh, const struct v4l2_event_subscription *subscription)
{
	if (subscription->type == V4L2_EVENT_EOS)
		return v4l2_event_subscribe(fh, subscription, 2, NULL);
	return v4l2_ctrl_subscribe_event(fh, subscription);
}

static const struct v4l2_ioctl_ops ioctl_ops = {
	.vidioc_querycap = querycap,
	.vidioc_enum_fmt_vid_out = enum_raw,
	.vidioc_enum_fmt_vid_cap = enum_coded,
	.vidioc_enum_framesizes = enum_framesizes,
	.vidioc_g_fmt_vid_out_mplane = get_format,
	.vidioc_g_fmt_vid_cap_mplane = get_format,
	.vidioc_try_fmt_vid_out_mplane = try_format,
	.vidioc_try_fmt_vid_cap_mplane = try_format,
	.vidioc_s_fmt_vid_out_mplane = set_format,
	.vidioc_s_fmt_vid_cap_mplane = set_format,
	.vidioc_g_parm = get_parameters,
	.vidioc_s_parm = set_parameters,
	.vidioc_reqbufs = v4l2_m2m_ioctl_reqbufs,
	.vidioc_querybuf = v4l2_m2m_ioctl_querybuf,
	.vidioc_qbuf = v4l2_m2m_ioctl_qbuf,
	.vidioc_dqbuf = v4l2_m2m_ioctl_dqbuf,
	.vidioc_prepare_buf = v4l2_m2m_ioctl_prepare_buf,
	.vidioc_create_bufs = v4l2_m2m_ioctl_create_bufs,
	.vidioc_expbuf = v4l2_m2m_ioctl_expbuf,
	.vidioc_streamon = v4l2_m2m_ioctl_streamon,
	.vidioc_streamoff = v4l2_m2m_ioctl_streamoff,
	.vidioc_encoder_cmd = v4l2_m2m_ioctl_encoder_cmd,
	.vidioc_try_encoder_cmd = v4l2_m2m_ioctl_try_encoder_cmd,
	.vidioc_subscribe_event = subscribe,
	.vidioc_unsubscribe_event = v4l2_event_unsubscribe,
};

/* Controls. */

static const struct {
	u8 menu, idc;
} levels[] = {
	{ V4L2_MPEG_VIDEO_H264_LEVEL_1_0, 10 }, { V4L2_MPEG_VIDEO_H264_LEVEL_1_1, 11 },
	{ V4L2_MPEG_VIDEO_H264_LEVEL_1_2, 12 }, { V4L2_MPEG_VIDEO_H264_LEVEL_1_3, 13 },
	{ V4L2_MPEG_VIDEO_H264_LEVEL_2_0, 20 }, { V4L2_MPEG_VIDEO_H264_LEVEL_2_1, 21 },
	{ V4L2_MPEG_VIDEO_H264_LEVEL_2_2, 22 }, { V4L2_MPEG_VIDEO_H264_LEVEL_3_0, 30 },
	{ V4L2_MPEG_VIDEO_H264_LEVEL_3_1, 31 }, { V4L2_MPEG_VIDEO_H264_LEVEL_3_2, 32 },
	{ V4L2_MPEG_VIDEO_H264_LEVEL_4_0, 40 }, { V4L2_MPEG_VIDEO_H264_LEVEL_4_1, 41 },
	{ V4L2_MPEG_VIDEO_H264_LEVEL_4_2, 42 }, { V4L2_MPEG_VIDEO_H264_LEVEL_5_0, 50 },
	{ V4L2_MPEG_VIDEO_H264_LEVEL_5_1, 51 },
};

static u8 level_idc(u32 menu)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(levels); i++)
		if (levels[i].menu == menu)
			return levels[i].idc;
	return 10;
}

static int set_control(struct v4l2_ctrl *control)
{
	struct session *user = container_of(control->handler, struct session, controls);
	struct h264_stream *stream = &user->stream;

	switch (control->id) {
	case V4L2_CID_MPEG_VIDEO_BITRATE:
		user->bitrate = control->val;
		bitrate = control->val;
		break;
	case V4L2_CID_MPEG_VIDEO_H264_I_PERIOD:
	case V4L2_CID_MPEG_VIDEO_GOP_SIZE:
		user->period = control->val;
		break;
	case V4L2_CID_MPEG_VIDEO_REPEAT_SEQ_HEADER:
		user->repeat_headers = control->val;
		break;
	case V4L2_CID_MPEG_VIDEO_FORCE_KEY_FRAME:
		user->force = true;
		forced++;
		break;
	case V4L2_CID_MPEG_VIDEO_H264_LEVEL:
		stream->level = level_idc(control->val);
		break;
	case V4L2_CID_MPEG_VIDEO_H264_PROFILE:
		stream->constrained = control->val == V4L2_MPEG_VIDEO_H264_PROFILE_CONSTRAINED_BASELINE;
		stream->profile = control->val == V4L2_MPEG_VIDEO_H264_PROFILE_HIGH ? 100 :
				  control->val == V4L2_MPEG_VIDEO_H264_PROFILE_MAIN ? 77 : 66;
		break;
	}
	return 0;
}

static const struct v4l2_ctrl_ops control_ops = { .s_ctrl = set_control };

static int add_controls(struct session *user)
{
	struct v4l2_ctrl_handler *controls = &user->controls;
	u64 no_levels = ~0ULL, no_profiles;
	u32 highest = V4L2_MPEG_VIDEO_H264_LEVEL_1_0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(levels); i++) {
		if (levels[i].idc > max_level)
			break;
		no_levels &= ~BIT_ULL(levels[i].menu);
		highest = levels[i].menu;
	}
	no_profiles = ~(BIT_ULL(V4L2_MPEG_VIDEO_H264_PROFILE_BASELINE) |
			BIT_ULL(V4L2_MPEG_VIDEO_H264_PROFILE_CONSTRAINED_BASELINE) |
			BIT_ULL(V4L2_MPEG_VIDEO_H264_PROFILE_MAIN) | BIT_ULL(V4L2_MPEG_VIDEO_H264_PROFILE_HIGH));
	v4l2_ctrl_handler_init(controls, 9);
	/* Bounds and defaults are those of the Pi's driver. */
	v4l2_ctrl_new_std_menu(controls, &control_ops, V4L2_CID_MPEG_VIDEO_BITRATE_MODE,
			       V4L2_MPEG_VIDEO_BITRATE_MODE_CBR, 0, V4L2_MPEG_VIDEO_BITRATE_MODE_VBR);
	v4l2_ctrl_new_std(controls, &control_ops, V4L2_CID_MPEG_VIDEO_BITRATE, 25000, 25000000, 25000, 10000000);
	v4l2_ctrl_new_std(controls, &control_ops, V4L2_CID_MPEG_VIDEO_REPEAT_SEQ_HEADER, 0, 1, 1, 0);
	v4l2_ctrl_new_std_menu(controls, &control_ops, V4L2_CID_MPEG_VIDEO_HEADER_MODE,
			       V4L2_MPEG_VIDEO_HEADER_MODE_JOINED_WITH_1ST_FRAME,
			       BIT(V4L2_MPEG_VIDEO_HEADER_MODE_SEPARATE),
			       V4L2_MPEG_VIDEO_HEADER_MODE_JOINED_WITH_1ST_FRAME);
	v4l2_ctrl_new_std(controls, &control_ops, V4L2_CID_MPEG_VIDEO_H264_I_PERIOD, 0, 0x7fffffff, 1, 60);
	v4l2_ctrl_new_std_menu(controls, &control_ops, V4L2_CID_MPEG_VIDEO_H264_LEVEL, highest, no_levels,
			       min_t(u32, highest, V4L2_MPEG_VIDEO_H264_LEVEL_4_0));
	v4l2_ctrl_new_std_menu(controls, &control_ops, V4L2_CID_MPEG_VIDEO_H264_PROFILE,
			       V4L2_MPEG_VIDEO_H264_PROFILE_HIGH, no_profiles, V4L2_MPEG_VIDEO_H264_PROFILE_HIGH);
	v4l2_ctrl_new_std(controls, &control_ops, V4L2_CID_MPEG_VIDEO_H264_MIN_QP, 0, 51, 1, 20);
	v4l2_ctrl_new_std(controls, &control_ops, V4L2_CID_MPEG_VIDEO_H264_MAX_QP, 0, 51, 1, 51);
	if (!no_force_key_frame)
		v4l2_ctrl_new_std(controls, &control_ops, V4L2_CID_MPEG_VIDEO_FORCE_KEY_FRAME, 0, 0, 0, 0);
	if (controls->error)
		return controls->error;
	user->fh.ctrl_handler = controls;
	return v4l2_ctrl_handler_setup(controls);
}

/* Users. */

static int open_encoder(struct file *file)
{
	struct encoder *encoder = video_drvdata(file);
	struct session *user;
	int error;

	if (mutex_lock_interruptible(&encoder->lock))
		return -ERESTARTSYS;
	error = -EBUSY;
	if (single && encoder->open)
		goto unlock;
	error = -ENOMEM;
	user = kzalloc(sizeof(*user), GFP_KERNEL);
	if (!user)
		goto unlock;
	user->encoder = encoder;
	user->raw_format = V4L2_PIX_FMT_YUV420;
	user->stream.width = only_width ? only_width : 640;
	user->stream.height = only_height ? only_height : 480;
	user->interval = (struct v4l2_fract){ 1, 30 };
	user->colorspace = V4L2_COLORSPACE_REC709;
	INIT_WORK(&user->work, work);
	v4l2_fh_init(&user->fh, &encoder->video);
	error = add_controls(user);
	if (error)
		goto free;
	forced = 0; /* setting a control's default presses the button */
	user->force = false;
	user->fh.m2m_ctx = v4l2_m2m_ctx_init(encoder->m2m, user, init_queues);
	if (IS_ERR(user->fh.m2m_ctx)) {
		error = PTR_ERR(user->fh.m2m_ctx);
		goto free;
	}
	v4l2_fh_add(&user->fh, file);
	encoder->open++;
	mutex_unlock(&encoder->lock);
	return 0;
free:
	v4l2_ctrl_handler_free(&user->controls);
	v4l2_fh_exit(&user->fh);
	kfree(user);
unlock:
	mutex_unlock(&encoder->lock);
	return error;
}

static int release_encoder(struct file *file)
{
	struct encoder *encoder = video_drvdata(file);
	struct session *user = user_of(file);

	mutex_lock(&encoder->lock);
	v4l2_m2m_ctx_release(user->fh.m2m_ctx);
	encoder->open--;
	mutex_unlock(&encoder->lock);
	cancel_work_sync(&user->work);
	v4l2_fh_del(&user->fh, file);
	v4l2_ctrl_handler_free(&user->controls);
	v4l2_fh_exit(&user->fh);
	kfree(user);
	return 0;
}

static const struct v4l2_file_operations file_ops = {
	.owner = THIS_MODULE,
	.open = open_encoder,
	.release = release_encoder,
	.poll = v4l2_m2m_fop_poll,
	.unlocked_ioctl = video_ioctl2,
	.mmap = v4l2_m2m_fop_mmap,
};

/* The device: it comes and goes with its driver, and is forgotten when its last user leaves. */

static void forget(struct video_device *video)
{
	struct encoder *encoder = container_of(video, struct encoder, video);

	v4l2_m2m_release(encoder->m2m);
	v4l2_device_unregister(&encoder->v4l2);
	kfree(encoder);
}

static int probe(struct platform_device *device)
{
	struct encoder *encoder = kzalloc(sizeof(*encoder), GFP_KERNEL);
	struct video_device *video;
	int error;

	if (!encoder)
		return -ENOMEM;
	mutex_init(&encoder->lock);
	error = v4l2_device_register(&device->dev, &encoder->v4l2);
	if (error)
		goto free;
	encoder->m2m = v4l2_m2m_init(&m2m_ops);
	if (IS_ERR(encoder->m2m)) {
		error = PTR_ERR(encoder->m2m);
		goto unregister;
	}
	video = &encoder->video;
	strscpy(video->name, name, sizeof(video->name));
	video->vfl_dir = VFL_DIR_M2M;
	video->fops = &file_ops;
	video->ioctl_ops = &ioctl_ops;
	video->lock = &encoder->lock;
	video->v4l2_dev = &encoder->v4l2;
	video->device_caps = V4L2_CAP_VIDEO_M2M_MPLANE | V4L2_CAP_STREAMING;
	video->release = forget;
	video_set_drvdata(video, encoder);
	platform_set_drvdata(device, encoder);
	/* As on the Pi, where it is /dev/video11. */
	error = video_register_device(video, VFL_TYPE_VIDEO, 11);
	if (error)
		goto release;
	return 0;
release:
	v4l2_m2m_release(encoder->m2m);
unregister:
	v4l2_device_unregister(&encoder->v4l2);
free:
	kfree(encoder);
	return error;
}

static void unplug(struct platform_device *device)
{
	struct encoder *encoder = platform_get_drvdata(device);

	died_ms = ktime_to_ms(ktime_get());
	/* As a bus does it whose device was pulled out: who waits is woken, who asks is refused. */
	v4l2_device_disconnect(&encoder->v4l2);
	video_unregister_device(&encoder->video);
}

static struct platform_driver driver = {
	.probe = probe,
	.remove = unplug,
	.driver = { .name = DRIVER },
};

static struct platform_device *device;

static int __init start(void)
{
	int error = platform_driver_register(&driver);

	if (error)
		return error;
	device = platform_device_register_simple(DRIVER, PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(device)) {
		platform_driver_unregister(&driver);
		return PTR_ERR(device);
	}
	return 0;
}

static void __exit stop(void)
{
	platform_device_unregister(device);
	platform_driver_unregister(&driver);
}

module_init(start);
module_exit(stop);
