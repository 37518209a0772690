"""The same work with Python's own modules: peer.py read|ingest|get <psgs file> <store>"""
import csv, gzip, json, os, random, resource, sqlite3, sys, time

task, file, store = sys.argv[1:4]
BATCHES, IDS = 2000, 250
csv.field_size_limit(1 << 30)


def rows():
    with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
        reader = csv.reader(lines, delimiter="\t")
        next(reader)
        yield from reader


def read():
    return sum(1 for _id, text, _title in rows() if text)


def ingest():
    if os.path.exists(store):
        os.remove(store)
    db = sqlite3.connect(store, isolation_level=None)
    db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-32768;"
                     "CREATE TABLE passages(row INTEGER PRIMARY KEY, id UNIQUE NOT NULL, title TEXT, text TEXT)")
    batch, total = [], 0
    for id, text, title in rows():
        batch.append((int(id), title, text))
        if len(batch) == 10_000:
            total += write(db, batch)
            batch = []
    total += write(db, batch)
    db.execute("PRAGMA journal_mode=DELETE")
    db.close()
    return total


def write(db, batch):
    db.execute("BEGIN")
    db.executemany("INSERT INTO passages(id, title, text) VALUES (?, ?, ?)", batch)
    db.execute("COMMIT")
    return len(batch)


def get():
    db = sqlite3.connect(f"file:{store}?mode=ro", uri=True)
    db.execute("PRAGMA cache_size=-32768")
    size = db.execute("SELECT max(row) FROM passages").fetchone()[0]
    draw = random.Random(11)
    query = f"SELECT id, title, text FROM passages WHERE id IN ({','.join('?' * IDS)})"
    found = 0
    for _ in range(BATCHES):
        ids = [draw.randint(1, size) for _ in range(IDS)]
        by_id = {row[0]: row for row in db.execute(query, ids)}
        found += sum(1 for id in ids if by_id[id][2])
    return found


begun, begun_cpu = time.perf_counter(), time.process_time()
count = {"read": read, "ingest": ingest, "get": get}[task]()
seconds, cpu_seconds = time.perf_counter() - begun, time.process_time() - begun_cpu
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
size = 0 if task == "read" else os.path.getsize(store) / 1e6
print(json.dumps({"task": task, "count": count, "seconds": seconds, "cpuSeconds": cpu_seconds, "peakMb": peak, "storeMb": size}))
