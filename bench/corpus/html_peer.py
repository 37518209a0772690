"""Texts that trafilatura takes from pages: JSON with files and recall on standard input, a list of texts out."""
import json, sys
import trafilatura

asked = json.load(sys.stdin)
texts = []
for file in asked["files"]:
    with open(file, "rb") as page:
        texts.append(trafilatura.extract(page.read(), favor_recall=asked["recall"]) or "")
json.dump(texts, sys.stdout)
