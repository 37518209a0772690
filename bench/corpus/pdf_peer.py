"""The text of PDFs by a peer: pdf_peer.py pypdf|pdfminer|pymupdf <files as JSON>"""
import json, logging, resource, sys, time

reader, files = sys.argv[1], json.loads(sys.argv[2])
logging.disable(logging.CRITICAL)


def pypdf_texts(file):
    from pypdf import PdfReader

    return [page.extract_text() for page in PdfReader(file).pages]


def pdfminer_texts(file):
    from pdfminer.high_level import extract_text

    # A form feed ends each page.
    return extract_text(file).split("\f")[:-1]


def pymupdf_texts(file):
    import pymupdf

    return [page.get_text() for page in pymupdf.open(file)]


read = {"pypdf": pypdf_texts, "pdfminer": pdfminer_texts, "pymupdf": pymupdf_texts}[reader]
begun, begun_cpu = time.perf_counter(), time.process_time()
pages = [read(file) for file in files]
seconds, cpu_seconds = time.perf_counter() - begun, time.process_time() - begun_cpu
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
texts = ["\n\n".join(texts) for texts in pages]
print(json.dumps({"pages": sum(map(len, pages)), "seconds": seconds, "cpuSeconds": cpu_seconds, "peakMb": peak, "texts": texts}))
