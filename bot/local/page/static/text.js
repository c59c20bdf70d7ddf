// Discord's markdown as nodes, never as HTML: what people type can do nothing here.

import { html } from "./html.js";
import { change, commands, nameOf } from "./store.js";

const INLINE = new RegExp([
  /\\([^a-zA-Z0-9\s])/, // 1 escaped
  /\*\*([\s\S]+?)\*\*(?!\*)/, // 2 bold
  /__([\s\S]+?)__/, // 3 underlined
  /\*([^*\n]+?)\*/, // 4 italic
  /(?<!\w)_([^_\n]+?)_(?!\w)/, // 5 italic
  /~~([\s\S]+?)~~/, // 6 struck
  /`([^`]+?)`/, // 7 code
  /\|\|([\s\S]+?)\|\|/, // 8 spoiler
  /<(@!?|@&|#)(\d+)>/, // 9, 10 mention
  /<\/([^:>]+):\d+>/, // 11 command
  /<t:(\d+)(?::[a-zA-Z])?>/, // 12 moment
  /\[([^\]\n]+)\]\((https?:\/\/[^\s)]+)\)/, // 13, 14 link with words
  /(https?:\/\/[^\s<>"')]+)/, // 15 link
].map((part) => part.source).join("|"), "g");

function outside(address, words) {
  return html`<a href=${address} target="_blank" rel="noreferrer noopener">${words}</a>`;
}

function commandLink(name) {
  const open = () => {
    const command = commands().find((each) => each.name === name);
    change(command ? { command } : { alarm: `/${name} is not offered here.` });
  };
  return html`<button type="button" class="mention" onClick=${open}>/${name}</button>`;
}

function piece(found) {
  const [whole, escaped, bold, under, star, dash, gone, code, spoiler] = found;
  const [kind, id, command, moment, words, to, link] = found.slice(9);
  if (escaped) return escaped;
  if (bold) return html`<strong>${inline(bold)}</strong>`;
  if (under) return html`<u>${inline(under)}</u>`;
  if (star || dash) return html`<em>${inline(star || dash)}</em>`;
  if (gone) return html`<s>${inline(gone)}</s>`;
  if (code) return html`<code>${code}</code>`;
  if (spoiler) return html`<span class="spoiler" tabindex="0">${inline(spoiler)}</span>`;
  if (kind) return html`<span class="mention">${nameOf(kind, id)}</span>`;
  if (command) return commandLink(command);
  if (moment) return new Date(Number(moment) * 1000).toLocaleString();
  if (to) return outside(to, words);
  if (link) return outside(link, link);
  return whole;
}

// One line's worth: bold, code, mentions and the like.
export function inline(text) {
  const nodes = [];
  let from = 0;
  for (const found of String(text).matchAll(INLINE)) {
    if (found.index > from) nodes.push(text.slice(from, found.index));
    from = found.index + found[0].length;
    nodes.push(piece(found));
  }
  if (from < text.length) nodes.push(text.slice(from));
  return nodes;
}

function Code({ words }) {
  const copy = () => navigator.clipboard?.writeText(words).then(
    () => change({ said: "Copied.", alarm: "" }),
    () => change({ alarm: "The browser does not let this page copy." }),
  );
  return html`<div class="code"><pre tabindex="0">${words}</pre>
    <button type="button" aria-label="Copy these words" onClick=${copy}>Copy</button></div>`;
}

const HEADINGS = [["# ", "h3"], ["## ", "h4"], ["### ", "h5"]];

function block(line) {
  for (const [start, Level] of HEADINGS) {
    if (line.startsWith(start)) return html`<${Level}>${inline(line.slice(start.length))}<//>`;
  }
  if (line.startsWith("> ")) return html`<blockquote>${inline(line.slice(2))}</blockquote>`;
  if (line.startsWith("-# ")) return html`<div class="sub">${inline(line.slice(3))}</div>`;
  if (/^\s*[-*] /.test(line)) return html`<div class="item">• ${inline(line.replace(/^\s*[-*] /, ""))}</div>`;
  return null;
}

function paragraph(lines) {
  const last = lines.at(-1) === "" ? "\n" : "";
  return html`<div>${inline(lines.join("\n") + last)}</div>`;
}

function blocks(text) {
  const nodes = [];
  let lines = [];
  const flush = () => {
    if (lines.length) nodes.push(paragraph(lines));
    lines = [];
  };
  const all = text.split("\n");
  for (const [at, line] of all.entries()) {
    if (line.startsWith(">>> ")) {
      flush();
      nodes.push(html`<blockquote>${inline([line.slice(4), ...all.slice(at + 1)].join("\n"))}</blockquote>`);
      return nodes;
    }
    const made = block(line);
    if (made) {
      flush();
      nodes.push(made);
    } else lines.push(line);
  }
  flush();
  return nodes;
}

// A whole text: headings, lists, quotes, code blocks.
export function Markdown({ text }) {
  const nodes = [];
  let from = 0;
  for (const found of text.matchAll(/```(?:[a-z]+\n)?\n?([\s\S]+?)\n?```\n?/g)) {
    const before = text.slice(from, found.index).replace(/\n$/, "");
    if (before) nodes.push(...blocks(before));
    nodes.push(html`<${Code} words=${found[1]} />`);
    from = found.index + found[0].length;
  }
  if (from < text.length) nodes.push(...blocks(text.slice(from)));
  return html`<div class="content">${nodes}</div>`;
}
