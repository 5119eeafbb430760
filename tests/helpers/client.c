/* Takes the place of Python: asks a server for a fork that does what Python is asked, see
   forking.py, or else is Python. PYTHON, FOLDER and
   OURS, the package, are told by the compiler's command. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define FROM "from " OURS "."

extern char **environ;
static int server, process; /* its socket; the fork */
static int files[16], opened; /* the numbers of the files that are open */

static void forward(int number) { kill(process, number); }

/* Look which files are open; 0 if there are too many. */
static int listed(void) {
    for (int number = 0; number < 1024; number++) {
        if (fcntl(number, F_GETFD) < 0) continue;
        if (opened == sizeof files / sizeof *files) return 0;
        files[opened++] = number;
    }
    return 1;
}

/* What is said of this process: texts, each with its end. */
static void say(FILE *text, const char *word) { fwrite(word, 1, strlen(word) + 1, text); }

static void say_number(FILE *text, int number) { fprintf(text, "%d%c", number, 0); }

/* The server of `-m module`, `-P -m module`, or of `-P -c` with code of the package. Where the hash
   seed is 0, from the first moment of a process, it is another server. Returns where the words after
   the options begin; 0 if there is none. */
static int reached(int count, char **words) {
    struct sockaddr_un address = {0};
    int at = count > 1 && !strcmp(words[1], "-P") ? 2 : 1;
    const char *seed = getenv("PYTHONHASHSEED"), *module;
    if (count < at + 2) return 0;
    module = words[at + 1];
    if (at == 2 && !strcmp(words[at], "-c") && !strncmp(module, FROM, strlen(FROM))) module = OURS;
    else if (strcmp(words[at], "-m")) return 0;
    address.sun_family = AF_UNIX;
    if (snprintf(address.sun_path, sizeof address.sun_path, FOLDER "/%s%s%s", at == 2 ? "-P " : "",
                 module, seed && !strcmp(seed, "0") ? seed : "") >= (int)sizeof address.sun_path) return 0;
    server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(server, (struct sockaddr *)&address, sizeof address)) return 0;
    return at;
}

static int sent(const char *bytes, size_t size) {
    while (size) {
        ssize_t n = send(server, bytes, size, MSG_NOSIGNAL);
        if (n < 0) return 0;
        bytes += n, size -= n;
    }
    return 1;
}

/* The files that are open, with the number of bytes that follow. */
static int sent_files(size_t size) {
    char space[CMSG_SPACE(sizeof files)] = {0}, head[17];
    struct iovec part = {head, 16};
    struct msghdr message = {0};
    struct cmsghdr *control;
    snprintf(head, sizeof head, "%16zu", size);
    message.msg_iov = &part, message.msg_iovlen = 1;
    message.msg_control = space, message.msg_controllen = CMSG_SPACE(opened * sizeof *files);
    control = CMSG_FIRSTHDR(&message);
    control->cmsg_level = SOL_SOCKET, control->cmsg_type = SCM_RIGHTS;
    control->cmsg_len = CMSG_LEN(opened * sizeof *files);
    memcpy(CMSG_DATA(control), files, opened * sizeof *files);
    return sendmsg(server, &message, MSG_NOSIGNAL) == 16;
}

static int answer(void) {
    int number = 0;
    size_t got = 0;
    while (got < sizeof number) {
        ssize_t n = recv(server, (char *)&number + got, sizeof number - got, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) exit(70); /* the server has ended */
        got += n;
    }
    return number;
}

int main(int count, char **words) {
    char *asked, folder[PATH_MAX], **word;
    size_t size;
    int first = listed() ? reached(count, words) : 0, code;
    mode_t mask = umask(0);
    umask(mask);
    if (first && getcwd(folder, sizeof folder)) {
        FILE *text = open_memstream(&asked, &size);
        say(text, folder);
        say_number(text, mask), say_number(text, opened);
        for (int file = 0; file < opened; file++) say_number(text, files[file]);
        say_number(text, count - first);
        for (word = words + first; *word; word++) say(text, *word);
        for (word = environ; *word; word++) say(text, *word);
        fclose(text);
        if (sent_files(size) && sent(asked, size) && (process = answer())) {
            signal(SIGINT, forward), signal(SIGTERM, forward), signal(SIGHUP, forward);
            if ((code = answer()) >= 0) return code;
            signal(-code, SIG_DFL);
            kill(getpid(), -code);
        }
    }
    if (server) close(server);
    words[0] = (char *)PYTHON;
    execv(PYTHON, words);
    return 127;
}
