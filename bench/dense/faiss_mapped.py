# 256 queries to depth 250 against FAISS's flat index of the million vectors, mapped from disk: python faiss_mapped.py FOLDER
# The index file is written at the first run, by a process of its own.
import os, resource, subprocess, sys, time
import numpy, faiss

folder = sys.argv[1]
path = f"{folder}/million.faiss"
if len(sys.argv) > 2:
    passages = numpy.load(f"{folder}/million/00000.npy", mmap_mode="r")
    index = faiss.IndexFlatIP(passages.shape[1])
    for start in range(0, len(passages), 50_000):
        index.add(passages[start : start + 50_000].astype(numpy.float32))
    faiss.write_index(index, path)
    sys.exit()
if not os.path.exists(path):
    subprocess.run([sys.executable, *sys.argv, "write"], check=True)
queries = numpy.load(f"{folder}/queries/00000.npy")[:256]
faiss.omp_set_num_threads(2)
faiss.cvar.distance_compute_blas_threshold = 1
index = faiss.read_index(path, faiss.IO_FLAG_MMAP_IFC)
start = time.perf_counter()
index.search(queries, 250)
took = (time.perf_counter() - start) * 1000 / len(queries)
print(f"{took:.2f} ms a query, peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB")
