"""A model of the disk: what is written, what is synced, and what a loss of power can leave of it."""

ALL_SYNCED = "synced names, synced contents"


class File:
    """A file's bytes as written, and as last synced."""

    def __init__(self, content=b""):
        self.live, self.synced = bytearray(content), bytes(content)

    def write(self, offset, data):
        if offset > len(self.live):
            self.live.extend(bytes(offset - len(self.live)))
        self.live[offset:offset + len(data)] = data

    def resize(self, length):
        del self.live[length:]
        self.live.extend(bytes(length - len(self.live)))

    def sync(self):
        self.synced = bytes(self.live)

    def lost(self):
        """Contents that a loss of power can leave: as synced, as written, torn, and with unwritten blocks full of zeros."""
        live, same = bytes(self.live), 0
        if live == self.synced:
            return {"synced": live, "written": live, "torn": live, "zeros": live, "hole": live}
        while same < min(len(live), len(self.synced)) and live[same] == self.synced[same]:
            same += 1
        middle = (same + len(live)) // 2
        return {"synced": self.synced, "written": live, "torn": live[:middle], "zeros": live[:same] + bytes(len(live) - same),
                "hole": live[:same] + bytes(middle - same) + live[middle:]}


class Folder:
    """Names in a folder as they are, and as last synced."""

    def __init__(self):
        self.live, self.synced = {}, {}

    def sync(self):
        self.synced = dict(self.live)


class Disk:
    """The files below one folder. What is there at first is synced."""

    def __init__(self, root):
        self.root = root
        self.top = self.read(root)

    def read(self, path):
        if not path.is_dir():
            return File(path.read_bytes())
        folder = Folder()
        folder.live = {entry.name: self.read(entry) for entry in path.iterdir()}
        folder.sync()
        return folder

    def at(self, path):
        """The file or folder at a path, or None."""
        found = self.top
        for name in path.relative_to(self.root).parts:
            found = found.live.get(name) if isinstance(found, Folder) else None
        return found

    def place(self, path):
        """The names of the folder that a path is in."""
        return self.at(path.parent).live

    def states(self):
        """What can be left now, as folders of bytes: names as synced or as they are, contents as in `File.lost`."""
        for names, content in [("synced", "synced"), ("synced", "written"), ("live", "synced"), ("live", "written"),
                               ("live", "torn"), ("live", "zeros"), ("live", "hole")]:
            yield f"{names} names, {content} contents", self.left(self.top, names, content)

    def left(self, it, names, content):
        if isinstance(it, File):
            return it.lost()[content]
        return {name: self.left(entry, names, content) for name, entry in getattr(it, names).items()}


def lay_out(state, path):
    """Writes a state to a folder."""
    if isinstance(state, bytes):
        path.write_bytes(state)
        return
    path.mkdir(parents=True, exist_ok=True)
    for name, entry in state.items():
        lay_out(entry, path / name)


def digest(state):
    """Equal for equal states."""
    if isinstance(state, bytes):
        return hash(state)
    return hash(tuple(sorted((name, digest(entry)) for name, entry in state.items())))
