/*
 * The file-backed part of a working set: brings ranges of files into the page cache before the processes ask for them.
 */
#ifndef FRUGAL_FILE_RANGES_H
#define FRUGAL_FILE_RANGES_H

#include <stdbool.h>

/*
 * Starts to read what `list` names and the page cache lacks, in a thread: one range a line, `offset length path`,
 * numbers decimal. A file that is missing is passed over: it is only an advice. False with a reason where no thread can
 * be made.
 */
bool read_file_ranges(const char *list);

#endif
