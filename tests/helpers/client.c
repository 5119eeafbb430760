/* Takes the place of Python: asks a server for a fork that does what Python is asked, see
   forking.py, or else is Python. PYTHON and FOLDER are told by the compiler's command. */

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

extern char **environ;
static int server, process; /* its socket; the fork */

static void forward(int number) { kill(process, number); }

/* What is said of this process: texts, each with its end. */
static void say(FILE *text, const char *word) { fwrite(word, 1, strlen(word) + 1, text); }

/* The server of the module that is run, by `-m module` or `-P -m module`; 0 if there is none. */
static int reached(int count, char **words) {
    struct sockaddr_un address = {0};
    int at = count > 1 && !strcmp(words[1], "-P") ? 2 : 1;
    if (count < at + 2 || strcmp(words[at], "-m")) return 0;
    address.sun_family = AF_UNIX;
    if (snprintf(address.sun_path, sizeof address.sun_path, FOLDER "/%s%s",
                 at == 2 ? "-P " : "", words[at + 1]) >= (int)sizeof address.sun_path) return 0;
    server = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(server, (struct sockaddr *)&address, sizeof address)) return 0;
    return at + 2;
}

static int sent(const char *bytes, size_t size) {
    while (size) {
        ssize_t n = send(server, bytes, size, MSG_NOSIGNAL);
        if (n < 0) return 0;
        bytes += n, size -= n;
    }
    return 1;
}

/* Standard input, output and error, with the number of bytes that follow. */
static int sent_files(size_t size) {
    char space[CMSG_SPACE(3 * sizeof(int))] = {0}, head[17];
    int files[] = {0, 1, 2};
    struct iovec part = {head, 16};
    struct msghdr message = {0};
    struct cmsghdr *control;
    snprintf(head, sizeof head, "%16zu", size);
    message.msg_iov = &part, message.msg_iovlen = 1;
    message.msg_control = space, message.msg_controllen = sizeof space;
    control = CMSG_FIRSTHDR(&message);
    control->cmsg_level = SOL_SOCKET, control->cmsg_type = SCM_RIGHTS;
    control->cmsg_len = CMSG_LEN(sizeof files);
    memcpy(CMSG_DATA(control), files, sizeof files);
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
    char *asked, folder[PATH_MAX], number[32], **word;
    size_t size;
    int first = reached(count, words), code;
    mode_t mask = umask(0);
    umask(mask);
    if (first && getcwd(folder, sizeof folder)) {
        FILE *text = open_memstream(&asked, &size);
        say(text, folder);
        snprintf(number, sizeof number, "%d", (int)mask), say(text, number);
        snprintf(number, sizeof number, "%d", count - first), say(text, number);
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
    close(server);
    words[0] = (char *)PYTHON;
    execv(PYTHON, words);
    return 127;
}
