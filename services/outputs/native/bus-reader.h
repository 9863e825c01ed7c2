/* A subscriber of the media bus: services/core/protocol/media-bus.ts says what each byte means. */
#ifndef ONAIR_BUS_READER_H
#define ONAIR_BUS_READER_H

#include <glib.h>

#define BUS_TIMESCALE 90000

enum { BUS_WANTS_VIDEO = 1, BUS_WANTS_AAC = 2, BUS_WANTS_OPUS = 4 };
enum { BUS_CODEC_AAC = 1, BUS_CODEC_OPUS = 2 };

typedef struct {
  guint sample_rate; /* 0: there is no such track */
  guint channels;
  GBytes *configuration;
} BusSound;

typedef struct {
  guint width, height;
  guint frames_per_1000_seconds;
  guint bitrate_kbps;
  GBytes *avc_configuration;
  BusSound aac, opus;
} BusStream;

/* Called in the default main context; what is handed over lives as long as the call. */
typedef struct {
  void (*stream)(const BusStream *stream, gpointer data);
  void (*video)(gboolean key, guint64 pts, guint64 dts, GBytes *unit, gpointer data);
  void (*audio)(guint codec, guint64 pts, guint32 duration, GBytes *frame, gpointer data);
  /* Nothing is encoded, or media is away: a stream follows when that changes. */
  void (*off)(gpointer data);
} BusHandler;

typedef struct BusReader BusReader;

/* Connects, and again every 200 ms, to the end of the process. */
BusReader *bus_reader_start(const char *socket_path, const char *name, guint8 wants, const BusHandler *handler,
                            gpointer data);
void bus_reader_request_key_frame(BusReader *reader);
void bus_reader_stop(BusReader *reader);

#endif
