/* Silent AAC frames: a stream without a sound track is refused by platforms, and one with gaps drifts. */
#ifndef ONAIR_SILENCE_H
#define ONAIR_SILENCE_H

#include <glib.h>

/* AAC-LC, 48 kHz, stereo: AudioSpecificConfig of ISO/IEC 14496-3, 1.6.2.1. */
static const guint8 silence_configuration[] = {0x11, 0x90};
/* A frame of it in which nothing is coded. */
static const guint8 silence_frame[] = {0x21, 0x00, 0x49, 0x90, 0x02, 0x19, 0x00, 0x23, 0x80};
/* 1,024 samples in ticks of the media bus. */
#define SILENCE_TICKS 1920

#endif
