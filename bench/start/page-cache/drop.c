/*
 * drop < PATHS: puts files out of the kernel's page cache, and says how much of them is in it nevertheless.
 *
 * The paths are NUL-terminated, on stdin; what is not a regular file is passed over. Prints one JSON object:
 * {"files":N,"bytes":B,"residentBytes":R}. Dirty pages are written back first. Pages that a process maps stay when their file
 * is dropped: they are taken from that process before, which gets them again when it touches them. R tells, by mincore, of
 * what stayed after all that. Ends with 1 and a line on stderr where a file cannot be read.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <dirent.h>
#include <unistd.h>

static unsigned char resident[1 << 16];

static void fail(const char *what, const char *path) {
	fprintf(stderr, "drop: %s %s: %s\n", what, path, strerror(errno));
	exit(1);
}

/* Bytes of the file that the page cache holds; mapping it brings none of them in. */
static unsigned long long count_resident(int fd, off_t size, const char *path) {
	const off_t page = sysconf(_SC_PAGESIZE), step = (off_t)sizeof resident * page;
	unsigned long long pages = 0;
	for (off_t at = 0; at < size; at += step) {
		size_t length = size - at < step ? size - at : step;
		void *map = mmap(NULL, length, PROT_READ, MAP_SHARED, fd, at);
		if (map == MAP_FAILED || mincore(map, length, resident)) fail("map", path);
		for (size_t i = 0; i < (length + page - 1) / page; i++) pages += resident[i] & 1;
		munmap(map, length);
	}
	return pages * page;
}

/* Takes from process `pid` what it maps of the file: process_madvise(2), for which one needs to be root. */
static void page_out_of(int pid, const struct stat *file) {
	char path[64], *line = NULL;
	size_t room = 0;
	snprintf(path, sizeof path, "/proc/%d/maps", pid);
	FILE *maps = fopen(path, "re");
	if (!maps) return;
	int process = -1;
	while (getline(&line, &room, maps) > 0) {
		unsigned long from, to, inode;
		unsigned major_of, minor_of;
		if (sscanf(line, "%lx-%lx %*s %*x %x:%x %lu", &from, &to, &major_of, &minor_of, &inode) != 5) continue;
		if (inode != file->st_ino || makedev(major_of, minor_of) != file->st_dev) continue;
		if (process < 0) process = syscall(SYS_pidfd_open, pid, 0);
		struct iovec range = {(void *)from, to - from};
		syscall(SYS_process_madvise, process, &range, 1, MADV_PAGEOUT, 0);
	}
	if (process >= 0) close(process);
	free(line);
	fclose(maps);
}

static void page_out(const struct stat *file) {
	DIR *processes = opendir("/proc");
	if (!processes) return;
	for (struct dirent *entry; (entry = readdir(processes));) {
		const int pid = atoi(entry->d_name);
		if (pid > 0 && pid != getpid()) page_out_of(pid, file);
	}
	closedir(processes);
}

/* What stays of the file in the page cache. */
static unsigned long long drop(int fd, const struct stat *file, const char *path) {
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	unsigned long long held = count_resident(fd, file->st_size, path);
	if (held == 0) return 0;
	page_out(file);
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	return count_resident(fd, file->st_size, path);
}

int main(void) {
	unsigned long long files = 0, bytes = 0, held = 0;
	char *path = NULL;
	size_t room = 0;
	dev_t synced = 0;
	while (getdelim(&path, &room, 0, stdin) > 0) {
		struct stat status;
		int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0 && (errno == ELOOP || errno == ENOENT)) continue;
		if (fd < 0 || fstat(fd, &status)) fail("open", path);
		if (S_ISREG(status.st_mode)) {
			/* Dirty pages cannot be dropped. */
			if (status.st_dev != synced && syncfs(fd)) fail("sync", path);
			synced = status.st_dev;
			files++;
			bytes += status.st_size;
			held += drop(fd, &status, path);
		}
		close(fd);
	}
	printf("{\"files\":%llu,\"bytes\":%llu,\"residentBytes\":%llu}\n", files, bytes, held);
	return 0;
}
