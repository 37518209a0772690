# bm25s (numba) and tantivy over the same files. Prints one line of JSON.
import json, sys, time, resource

folder, peer = sys.argv[1:3]
threads = 2
queries = [line.strip() for line in open(f"{folder}/queries.txt")]
out = {}

if peer == "bm25s":
    import bm25s
    if "build" in sys.argv:
        passages = [line.rstrip("\n") for line in open(f"{folder}/passages.txt")]
        start = time.perf_counter()
        tokens = bm25s.tokenize(passages, stopwords=None, show_progress=False)
        index = bm25s.BM25(k1=0.9, b=0.4, method="lucene", backend="numba")
        index.index(tokens, show_progress=False)
        index.save(f"{folder}/bm25s")
        out["indexing"] = len(passages) / (time.perf_counter() - start)
    else:
        start = time.perf_counter()
        index = bm25s.BM25.load(f"{folder}/bm25s")
        index.backend = "numba"
        out["opening"] = time.perf_counter() - start
        search = lambda: index.retrieve(bm25s.tokenize(queries, stopwords=None, show_progress=False), k=250, n_threads=threads, show_progress=False)
        search()  # compiles
        best = 0
        for _ in range(5):
            start = time.perf_counter()
            search()
            best = max(best, len(queries) / (time.perf_counter() - start))
        out["searching"] = best
else:
    import tantivy, shutil, os
    from concurrent.futures import ThreadPoolExecutor
    schema = tantivy.SchemaBuilder().add_unsigned_field("id", stored=True).add_text_field("text", stored=False, index_option="freq").build()
    if "build" in sys.argv:
        shutil.rmtree(f"{folder}/tantivy", ignore_errors=True)
        os.makedirs(f"{folder}/tantivy")
        start = time.perf_counter()
        index = tantivy.Index(schema, path=f"{folder}/tantivy")
        writer = index.writer(heap_size=200_000_000, num_threads=threads)
        # As ours: read while indexing, frequencies without positions.
        count = 0
        for count, line in enumerate(open(f"{folder}/passages.txt"), 1):
            writer.add_document(tantivy.Document(id=count - 1, text=line.rstrip("\n")))
        writer.commit()
        writer.wait_merging_threads()
        out["indexing"] = count / (time.perf_counter() - start)
    else:
        start = time.perf_counter()
        index = tantivy.Index.open(f"{folder}/tantivy")
        searcher = index.searcher()
        out["opening"] = time.perf_counter() - start
        ask = lambda query: searcher.search(index.parse_query(query, ["text"]), limit=250).hits
        best = 0
        with ThreadPoolExecutor(threads) as pool:
            for _ in range(3):
                start = time.perf_counter()
                list(pool.map(ask, queries))
                best = max(best, len(queries) / (time.perf_counter() - start))
        out["searching"] = best

out["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps(out))
