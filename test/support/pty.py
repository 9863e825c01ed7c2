"""A pseudo-terminal pair for tests: what is a serial port to the program under test is this program's stdin and stdout.

usage: pty.py LINK    LINK becomes a symbolic link to the port
Commands on fd 3, one a line: "unplug" closes the pair (the other end is hung up), "plug" makes a new one,
"deaf" and "hear" stop and go on reading. Each is answered on fd 3 with the same word.
"""
import os
import select
import sys
import tty

link = sys.argv[1]
master = slave = None
deaf = False


def plug():
    global master, slave
    master, slave = os.openpty()
    tty.setraw(slave)
    os.set_blocking(master, False)
    new = link + ".new"
    os.symlink(os.ttyname(slave), new)
    os.rename(new, link)


def unplug():
    global master, slave
    os.close(master)
    os.close(slave)
    os.unlink(link)
    master = slave = None


plug()
os.write(3, b"plug\n")
to_port = b""
while True:
    readers = [3]
    if len(to_port) < 65536:
        readers.append(0)
    if master is not None and not deaf:
        readers.append(master)
    writers = [master] if master is not None and to_port else []
    ready, writable, _ = select.select(readers, writers, [])
    if 3 in ready:
        words = os.read(3, 4096).split()
        if not words:
            break
        for word in words:
            if word == b"unplug" and master is not None:
                unplug()
            elif word == b"plug" and master is None:
                plug()
            elif word in (b"deaf", b"hear"):
                deaf = word == b"deaf"
            os.write(3, word + b"\n")
        continue
    if 0 in ready:
        data = os.read(0, 65536)
        if not data:
            break
        to_port += data
    if master is None:
        to_port = b""
        continue
    if master in ready:
        try:
            data = os.read(master, 65536)
        except OSError:
            data = b""
        while data:
            data = data[os.write(1, data):]
    if master in writable:
        try:
            to_port = to_port[os.write(master, to_port):]
        except BlockingIOError:
            pass
