import { escapeHtml, optionLetter, type TrainingDocument, type TrainingExample } from "@rag-instruct/core";
import type { ReportData } from "./data.ts";
import { styles } from "./styles.ts";

/** The report as one HTML page: no network, no script, every text from a document or a model escaped. */
export function renderReport(data: ReportData): string {
  const { model, offline, examples, total } = data;
  const notice = offline
    ? `<p class="notice"><strong>Made with the offline model.</strong> The questions and answers try the flow; do not train on them.</p>`
    : "";
  const shown = examples.length < total ? `The first ${examples.length} of ${total}` : `All ${total}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>RAG-Instruct report</title>
<style>${styles}</style>
</head>
<body>
<header><h1>RAG-Instruct report</h1><p>Model: <code>${escapeHtml(model)}</code></p>${notice}</header>
<main>
<section><h2>Pairs by paradigm</h2>${paradigmTable(data)}</section>
<section><h2>Why pairs were not accepted</h2>${reasonTable(data)}</section>
<section><h2>Examples</h2><p>${shown} training examples, each with its documents: sources are marked, the others are noise.</p>
${examples.map(renderExample).join("\n")}</section>
</main>
</body>
</html>
`;
}

function paradigmTable({ paradigms }: ReportData): string {
  const rows = paradigms.map(({ id, wanted, accepted, rejected }) => {
    const share = wanted === 0 ? 0 : Math.min(100, (100 * accepted) / wanted);
    return `<tr><th scope="row">${escapeHtml(id)}</th><td>${wanted}</td><td>${accepted}</td><td>${rejected}</td><td><span class="bar" style="width:${share.toFixed(1)}%"></span></td></tr>`;
  });
  return `<table><thead><tr><th scope="col">Paradigm</th><th scope="col">Wanted</th><th scope="col">Accepted</th><th scope="col">Not accepted</th><th scope="col">Share met</th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

function reasonTable({ reasons }: ReportData): string {
  if (reasons.length === 0) return "<p>Every pair was accepted.</p>";
  const rows = reasons.map(
    ({ reason, count }) => `<tr><th scope="row">${escapeHtml(reason)}</th><td>${count}</td></tr>`,
  );
  return `<table><thead><tr><th scope="col">Reason</th><th scope="col">Pairs</th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

function renderExample({ paradigm, question, answer, options = [], documents }: TrainingExample): string {
  const choices = options.map((option, i) => `<li>${optionLetter(i)}. ${escapeHtml(option)}</li>`).join("");
  return `<details><summary><span class="tag">${escapeHtml(paradigm)}</span> ${escapeHtml(question)}</summary>
${choices ? `<ul class="choices">${choices}</ul>` : ""}<p><strong>Answer</strong> ${escapeHtml(answer)}</p>
<ol>${documents.map(renderDocument).join("")}</ol></details>`;
}

function renderDocument({ title, text, role, rank }: TrainingDocument): string {
  const where = rank === undefined ? "" : `, rank ${rank}`;
  return `<li class="${role}"><span class="tag">${role}${where}</span> <strong>${escapeHtml(title)}</strong> <bdi>${escapeHtml(text)}</bdi></li>`;
}
