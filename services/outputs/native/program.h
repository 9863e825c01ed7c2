/* What the programs of outputs have in common: how they begin, and what they are told on standard input. */
#ifndef ONAIR_PROGRAM_H
#define ONAIR_PROGRAM_H

#include <glib.h>

/* Ends with its parent, and by it alone. */
void program_begin(void);

/*
 * Reads lines "NAME VALUE" up to "start"; what follows that is left on standard input. NULL where the input ends before, or
 * one of `needed` (NULL ends the list) is missing.
 */
GHashTable *program_settings(const char *const *needed);

/* Hands over each later line; the end of the input ends the loop. */
void program_follow_input(GMainLoop *loop, void (*handle_line)(char *line));

#endif
