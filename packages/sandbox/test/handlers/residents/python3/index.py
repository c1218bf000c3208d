# Holds from its start on what HOLD names, and says in each invocation what that answers.
import errno
import mmap
import multiprocessing
import os
import queue
import socket
import subprocess
import threading


def counting(receive, send):
    count = 0
    while receive():
        count += 1
        send(count)


def hold_thread():
    asked, answered = queue.Queue(), queue.Queue()
    threading.Thread(target=counting, args=(asked.get, answered.put), daemon=True).start()

    def ask():
        asked.put("next")
        return answered.get(timeout=20)

    return ask


def hold_child():
    script = 'n=0; while read line; do n=$((n + 1)); echo "$n"; done'
    child = subprocess.Popen(["/bin/sh", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask():
        print("next", file=child.stdin, flush=True)
        return int(child.stdout.readline())

    return ask


def hold_background():
    # The shell ends; what it has started goes on.
    subprocess.run(["/bin/sh", "-c", "sleep 1000 &"], check=True)
    return lambda: "alone"


def hold_multiprocessing():
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    context.Process(target=counting, args=(theirs.recv, theirs.send), daemon=True).start()

    def ask():
        ours.send("next")
        return ours.recv()

    return ask


def hold_file():
    file = open("/tmp/open", "w+")
    count = 0

    def ask():
        nonlocal count
        count += 1
        file.write("x")
        file.flush()
        return os.stat("/tmp/open").st_size

    return ask


def hold_deleted():
    file = open("/tmp/deleted", "w+")
    os.unlink("/tmp/deleted")

    def ask():
        file.write("x")
        file.flush()
        return os.fstat(file.fileno()).st_size

    return ask


def hold_huge():
    file = open("/dev/shm/huge", "wb")
    os.unlink("/dev/shm/huge")
    for _ in range(70):
        file.write(b"x" * (1 << 20))
    return lambda: file.tell()


def hold_shared_memory():
    memory = mmap.mmap(-1, 4096)

    def ask():
        memory[0] += 1
        return memory[0]

    return ask


def hold_socketpair():
    ours, theirs = socket.socketpair()
    count = 0

    def ask():
        nonlocal count
        count += 1
        ours.sendall(b"x" * count)
        return len(theirs.recv(100))

    return ask


def hold_loopback():
    server = socket.create_server(("127.0.0.1", 8080))
    client = socket.create_connection(("127.0.0.1", 8080))
    accepted = server.accept()[0]
    count = 0

    def ask():
        nonlocal count
        count += 1
        socket.create_connection(("127.0.0.1", 8080)).close()
        server.accept()[0].close()
        client.sendall(b"x" * count)
        return len(accepted.recv(100))

    return ask


def hold_half_closed():
    server = socket.create_server(("127.0.0.1", 8081))
    client = socket.create_connection(("127.0.0.1", 8081))
    accepted = server.accept()[0]
    client.shutdown(socket.SHUT_WR)
    accepted.recv(1)

    def ask():
        try:
            accepted.sendall(b"x")
            return client.recv(1).decode()
        except OSError as error:
            return type(error).__name__

    return ask


def hold_outside():
    connection = socket.create_connection((os.environ["OUTSIDE"], 80))
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.connect((os.environ["OUTSIDE"], 80))
    connection.settimeout(20)

    def ask():
        try:
            datagrams.send(b"x")
        except ConnectionRefusedError:
            pass  # Nobody listens: the answer to an earlier one.
        try:
            connection.sendall(b"GET")
            return "connected"
        except OSError as error:
            connection.close()
            socket.create_connection((os.environ["OUTSIDE"], 80)).close()
            return type(error).__name__

    return ask


def hold_outside_reader():
    connection = socket.create_connection((os.environ["OUTSIDE"], 80))
    state = "connected"

    def read():
        nonlocal state
        try:
            state = repr(connection.recv(1))
        except OSError as error:
            state = errno.errorcode[error.errno]

    threading.Thread(target=read, daemon=True).start()
    return lambda: state


with open("/dev/shm/kept", "w") as kept:
    kept.write("kept")
held = [globals()["hold_" + name]() for name in os.environ["HOLD"].split(",")]


def handler(event, context):
    with open("/dev/shm/kept") as kept:
        return [kept.read(), *(ask() for ask in held)]
