# What FAISS takes on the vectors in a folder, in milliseconds a query by batch, and what the machine can do, as JSON:
#   python faiss_peers.py FOLDER flat|all
# "flat" is IndexFlatIP at the better of its defaults and its tuned setting (distance_compute_blas_threshold = 1, one thread at
# batch 1); "all" adds the scalar quantizers and writes the hits of the flat index to FOLDER/flat-hits.npy.
import json, sys, time
import numpy, faiss

folder, what = sys.argv[1:]
depth, threads, batches = 250, 2, [1, 16, 64, 256, 1024]
passages = numpy.load(f"{folder}/float32/00000.npy")
queries = numpy.load(f"{folder}/queries/00000.npy")
default = faiss.cvar.distance_compute_blas_threshold


def best(rounds, run):
    def once():
        start = time.perf_counter()
        run()
        return time.perf_counter() - start

    return min(once() for _ in range(rounds))


def rounds_of(batch):
    return 9 if batch < 64 else 5 if batch < 1024 else 2


def timed(index, settings, rounds=rounds_of):
    out = {}
    for batch in batches:
        took = float("inf")
        for threshold, count in settings(batch):
            faiss.cvar.distance_compute_blas_threshold = threshold
            faiss.omp_set_num_threads(count)
            took = min(took, best(rounds(batch), lambda: index.search(queries[:batch], depth)))
        out[batch] = took * 1000 / batch
    return out


def flat_settings(batch):
    return [(default, threads), (1, 1 if batch == 1 else threads)]


flat = faiss.IndexFlatIP(passages.shape[1])
flat.add(passages)
out = {"flat": timed(flat, flat_settings)}
# The matrix product alone, large, and reading memory.
a, b = passages[:8192], queries[:1024]
out["gflops"] = 2 * a.size * b.shape[0] / best(5, lambda: a @ b.T) / 1e9
out["gigabytes"] = passages.nbytes / best(5, lambda: passages.view(numpy.int64).max()) / 1e9
if what == "all":
    _, hits = flat.search(queries, depth)
    numpy.save(f"{folder}/flat-hits.npy", hits.astype(numpy.int32))
    once = lambda batch: 3 if batch < 64 else 1
    for name, kind in [("SQ8", faiss.ScalarQuantizer.QT_8bit), ("SQfp16", faiss.ScalarQuantizer.QT_fp16)]:
        index = faiss.IndexScalarQuantizer(passages.shape[1], kind, faiss.METRIC_INNER_PRODUCT)
        index.train(passages)
        index.add(passages)
        out[name] = timed(index, lambda batch: [(default, threads)], once)
        faiss.omp_set_num_threads(threads)
        _, found = index.search(queries[:64], depth)
        out[f"{name} recall"] = sum(len(set(f) & set(h)) for f, h in zip(found, hits)) / found.size
print(json.dumps(out))
