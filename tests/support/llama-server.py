"""llama.cpp's own HTTP server with one model, on a free port of loopback; prints its address and serves until its input ends."""

import sys

import xllamacpp

params = xllamacpp.CommonParams()
params.model.path = sys.argv[1]
params.hostnames = ["127.0.0.1"]
params.port = 0
params.n_ctx = 4096
params.n_parallel = 1
params.n_gpu_layers = 0
params.cpuparams.n_threads = 1
params.cpuparams_batch.n_threads = 1
params.use_jinja = True
params.warmup = False
params.verbosity = -1

server = xllamacpp.Server(params)
print(server.listening_address, flush=True)
sys.stdin.read()
