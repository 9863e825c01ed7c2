// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
#include <linux/kernel.h>
#include <linux/minmax.h>

#include "h264.h"

#define BLOCK_BYTES 384
#define I_PCM 25
/* In a P slice, the types of I macroblocks come after five of its own (table 7-13). */
#define I_PCM_IN_P (5 + I_PCM)
#define FRAME_NUM_BITS 8

struct bits {
	u8 *out;
	size_t room, length;
	u32 held;
	unsigned int held_bits;
	unsigned int zeros;
	bool full;
};

static void put_raw(struct bits *bits, u8 byte)
{
	if (bits->length < bits->room)
		bits->out[bits->length++] = byte;
	else
		bits->full = true;
}

/* 7.4.1: no three bytes in a NAL unit may look like a start code. */
static void put_byte(struct bits *bits, u8 byte)
{
	if (bits->zeros >= 2 && byte <= 3) {
		put_raw(bits, 3);
		bits->zeros = 0;
	}
	put_raw(bits, byte);
	bits->zeros = byte == 0 ? bits->zeros + 1 : 0;
}

static void put(struct bits *bits, unsigned int count, u32 value)
{
	while (count > 0) {
		count--;
		bits->held = bits->held << 1 | (value >> count & 1);
		if (++bits->held_bits == 8) {
			put_byte(bits, bits->held & 0xff);
			bits->held_bits = 0;
		}
	}
}

static void put_ue(struct bits *bits, u32 value)
{
	unsigned int length = fls(value + 1);

	put(bits, length - 1, 0);
	put(bits, length, value + 1);
}

/* Here all of these are 0 or more. */
static void put_se(struct bits *bits, u32 value)
{
	put_ue(bits, value == 0 ? 0 : 2 * value - 1);
}

static void begin_nal(struct bits *bits, u8 header)
{
	static const u8 start_code[] = { 0, 0, 0, 1 };
	unsigned int i;

	for (i = 0; i < sizeof(start_code); i++)
		put_raw(bits, start_code[i]);
	put_raw(bits, header);
	bits->zeros = 0;
}

static void end_nal(struct bits *bits)
{
	put(bits, 1, 1);
	while (bits->held_bits != 0)
		put(bits, 1, 0);
}

static unsigned int blocks_across(const struct h264_stream *stream)
{
	return DIV_ROUND_UP(stream->width, 16);
}

static unsigned int blocks_down(const struct h264_stream *stream)
{
	return DIV_ROUND_UP(stream->height, 16);
}

/* 7.3.2.1.1 */
static void put_sequence(struct bits *bits, const struct h264_stream *stream)
{
	unsigned int right = (blocks_across(stream) * 16 - stream->width) / 2;
	unsigned int bottom = (blocks_down(stream) * 16 - stream->height) / 2;

	begin_nal(bits, 0x67);
	put(bits, 8, stream->profile);
	put(bits, 8, stream->constrained ? 0xc0 : 0);
	put(bits, 8, stream->level);
	put_ue(bits, 0); /* seq_parameter_set_id */
	if (stream->profile >= 100) {
		put_ue(bits, 1); /* chroma_format_idc: 4:2:0 */
		put_ue(bits, 0); /* bit_depth_luma_minus8 */
		put_ue(bits, 0); /* bit_depth_chroma_minus8 */
		put(bits, 2, 0); /* no bypass, no scaling matrix */
	}
	put_ue(bits, FRAME_NUM_BITS - 4);
	put_ue(bits, 2); /* pic_order_cnt_type: shown in the order of decoding */
	put_ue(bits, 1); /* max_num_ref_frames */
	put(bits, 1, 0); /* gaps_in_frame_num_value_allowed_flag */
	put_ue(bits, blocks_across(stream) - 1);
	put_ue(bits, blocks_down(stream) - 1);
	put(bits, 1, 1); /* frame_mbs_only_flag */
	put(bits, 1, 1); /* direct_8x8_inference_flag */
	put(bits, 1, right || bottom);
	if (right || bottom) {
		put_ue(bits, 0);
		put_ue(bits, right);
		put_ue(bits, 0);
		put_ue(bits, bottom);
	}
	put(bits, 1, 0); /* vui_parameters_present_flag */
	end_nal(bits);
}

/* 7.3.2.2 */
static void put_picture_parameters(struct bits *bits)
{
	begin_nal(bits, 0x68);
	put_ue(bits, 0); /* pic_parameter_set_id */
	put_ue(bits, 0); /* seq_parameter_set_id */
	put(bits, 2, 0); /* CAVLC, no field order */
	put_ue(bits, 0); /* num_slice_groups_minus1 */
	put_ue(bits, 0); /* num_ref_idx_l0_default_active_minus1 */
	put_ue(bits, 0); /* num_ref_idx_l1_default_active_minus1 */
	put(bits, 3, 0); /* no weighted prediction */
	put_se(bits, 0); /* pic_init_qp_minus26 */
	put_se(bits, 0); /* pic_init_qs_minus26 */
	put_se(bits, 0); /* chroma_qp_index_offset */
	put(bits, 1, 1); /* deblocking_filter_control_present_flag */
	put(bits, 2, 0); /* no constrained intra prediction, no redundant pictures */
	end_nal(bits);
}

/* 7.3.3; slice_type says that all slices of the picture are of its kind */
static void put_slice_header(struct bits *bits, const struct h264_stream *stream, bool key)
{
	begin_nal(bits, key ? 0x65 : 0x41);
	put_ue(bits, 0); /* first_mb_in_slice */
	put_ue(bits, key ? 7 : 5);
	put_ue(bits, 0); /* pic_parameter_set_id */
	put(bits, FRAME_NUM_BITS, stream->frame_num);
	if (key) {
		put_ue(bits, stream->idr_id);
		put(bits, 2, 0); /* not long_term_reference, pictures before are shown */
	} else {
		put(bits, 1, 0); /* num_ref_idx_active_override_flag */
		put(bits, 1, 0); /* ref_pic_list_modification_flag_l0 */
		put(bits, 1, 0); /* adaptive_ref_pic_marking_mode_flag */
	}
	put_se(bits, 0); /* slice_qp_delta */
	put_ue(bits, 1); /* disable_deblocking_filter_idc: samples stay as they are */
}

static u8 sample(const u8 *plane, unsigned int stride, unsigned int step, unsigned int width, unsigned int height,
		 unsigned int x, unsigned int y)
{
	return plane[min(y, height - 1) * stride + min(x, width - 1) * step];
}

/* 7.3.5, mb_type I_PCM: what lies beyond the picture's edge repeats its last samples. */
static void put_block(struct bits *bits, const struct h264_stream *stream, const struct h264_picture *picture,
		      unsigned int block, u32 type)
{
	unsigned int across = blocks_across(stream);
	unsigned int left = block % across * 16, top = block / across * 16;
	const u8 *planes[] = { picture->u, picture->v };
	unsigned int x, y, i;

	put_ue(bits, type);
	while (bits->held_bits != 0)
		put(bits, 1, 0);
	for (y = top; y < top + 16; y++)
		for (x = left; x < left + 16; x++)
			put_byte(bits, sample(picture->y, picture->y_stride, 1, stream->width, stream->height, x, y));
	for (i = 0; i < ARRAY_SIZE(planes); i++)
		for (y = top / 2; y < top / 2 + 8; y++)
			for (x = left / 2; x < left / 2 + 8; x++)
				put_byte(bits, sample(planes[i], picture->uv_stride, picture->uv_step,
						      stream->width / 2, stream->height / 2, x, y));
}

size_t h264_worst_size(unsigned int width, unsigned int height)
{
	size_t blocks = (size_t)DIV_ROUND_UP(width, 16) * DIV_ROUND_UP(height, 16);

	/* Each third byte may need one more before it. */
	return 1024 + blocks * (BLOCK_BYTES + 4) * 3 / 2;
}

size_t h264_key_frame(struct h264_stream *stream, const struct h264_picture *picture, bool headers, u8 *out, size_t room)
{
	struct bits bits = { .out = out, .room = room };
	unsigned int count = blocks_across(stream) * blocks_down(stream);
	unsigned int block;

	stream->frame_num = 0;
	stream->idr_id ^= 1;
	stream->next_block = 0;
	if (headers) {
		put_sequence(&bits, stream);
		put_picture_parameters(&bits);
	}
	put_slice_header(&bits, stream, true);
	for (block = 0; block < count; block++)
		put_block(&bits, stream, picture, block, I_PCM);
	end_nal(&bits);
	return bits.full ? 0 : bits.length;
}

size_t h264_p_frame(struct h264_stream *stream, const struct h264_picture *picture, size_t budget, u8 *out, size_t room)
{
	struct bits bits = { .out = out, .room = room };
	unsigned int count = blocks_across(stream) * blocks_down(stream);
	unsigned int first = stream->next_block;
	unsigned int renewed = clamp_t(size_t, budget / BLOCK_BYTES, 1, count - first);
	unsigned int block;

	stream->frame_num = (stream->frame_num + 1) % (1 << FRAME_NUM_BITS);
	stream->next_block = (first + renewed) % count;
	put_slice_header(&bits, stream, false);
	for (block = first; block < first + renewed; block++) {
		put_ue(&bits, block == first ? first : 0); /* mb_skip_run before it */
		put_block(&bits, stream, picture, block, I_PCM_IN_P);
	}
	if (first + renewed < count)
		put_ue(&bits, count - first - renewed);
	end_nal(&bits);
	return bits.full ? 0 : bits.length;
}
