# Milliseconds a query by batch of faiss.IndexFlatIP at the better of its defaults and its tuned setting, as JSON.
import json, sys, time
import numpy, faiss

folder = sys.argv[1]
passages = numpy.load(f"{folder}/passages/00000.npy")
queries = numpy.load(f"{folder}/queries/00000.npy")
index = faiss.IndexFlatIP(passages.shape[1])
index.add(passages)
default = faiss.cvar.distance_compute_blas_threshold
out = {}
for batch in [1, 16, 64, 256, 1024]:
    best = float("inf")
    for threshold, threads in [(default, 2), (1, 1 if batch == 1 else 2)]:
        faiss.cvar.distance_compute_blas_threshold = threshold
        faiss.omp_set_num_threads(threads)
        for _ in range(5):
            start = time.perf_counter()
            index.search(queries[:batch], 250)
            best = min(best, (time.perf_counter() - start) * 1000 / batch)
    out[batch] = best
print(json.dumps(out))
