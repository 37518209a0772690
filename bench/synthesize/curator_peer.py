"""Four hundred questions, 64 at a time, by curator: python curator_peer.py URL"""

import importlib.util
import os
import sys
import tempfile
import time

litellm = os.path.dirname(importlib.util.find_spec("litellm").origin)
os.environ.update(
    OPENAI_API_KEY="none",
    TELEMETRY_ENABLED="false",
    CURATOR_DISABLE_RICH_DISPLAY="1",
    CURATOR_CACHE_DIR=tempfile.mkdtemp(),
    HF_HUB_OFFLINE="1",
    # The vocabulary that it counts by lies in litellm; otherwise it is downloaded.
    TIKTOKEN_CACHE_DIR=os.path.join(litellm, "litellm_core_utils", "tokenizers"),
    LITELLM_LOCAL_MODEL_COST_MAP="True",
)
from bespokelabs import curator  # noqa: E402

llm = curator.LLM(
    model_name="gpt-4o-mini",
    backend="openai",
    backend_params={
        "base_url": sys.argv[1],
        "max_concurrent_requests": 64,
        "max_requests_per_minute": 1_000_000,
        "max_tokens_per_minute": 1_000_000_000,
    },
)
start = time.perf_counter()
answers = llm([f"Number {i}: which of the old stations on the northern line is meant here?" for i in range(400)])
print(f"{time.perf_counter() - start:.1f} s for {len(answers.dataset)} answers")
