/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * An H.264 stream (ITU-T H.264, constrained baseline, CAVLC) made of the two macroblocks that need no arithmetic: those
 * whose samples stand in the stream as they are (I_PCM), and those that repeat the picture before (P_Skip).
 */
#ifndef ONAIR_H264_H
#define ONAIR_H264_H

#include <linux/types.h>

struct h264_picture {
	const u8 *y, *u, *v;
	unsigned int y_stride, uv_stride;
	/* 2 where u and v are interleaved (NV12), 1 where they are planes of their own. */
	unsigned int uv_step;
};

struct h264_stream {
	unsigned int width, height;
	/* level_idc: ten times the level. */
	u8 level;
	/* Constrained baseline, main and high differ in profile_idc alone: these macroblocks are in each of them. */
	u8 profile;
	bool constrained;

	/* Goes on from picture to picture. */
	u32 frame_num;
	u32 idr_id;
	/* The macroblock at which the next P picture begins to be renewed. */
	unsigned int next_block;
};

/* What a key frame takes at most, with its headers. */
size_t h264_worst_size(unsigned int width, unsigned int height);

/* Both return how many bytes they wrote, 0 where `room` is too small. */
size_t h264_key_frame(struct h264_stream *stream, const struct h264_picture *picture, bool headers, u8 *out, size_t room);
/* Renews as many macroblocks as fit into `budget` bytes, at least one, and repeats the others. */
size_t h264_p_frame(struct h264_stream *stream, const struct h264_picture *picture, size_t budget, u8 *out, size_t room);

#endif
