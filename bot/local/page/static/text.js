// Discord's markdown as nodes, never as HTML: what people type can do nothing here.

import { html } from "./html.js";
import { change, commands, nameOf } from "./store.js";

// an address, with brackets only in pairs, and never the full stop of the sentence around it
const ADDRESS = /https?:\/\/(?:[^\s<>"()]|\([^\s<>"()]*\))*(?:[^\s<>"().,:;!?'*_~|]|\([^\s<>"()]*\))/.source;

// [what is found, how it is drawn], the first that fits
const PIECES = [
  [/\\(?<escaped>[^a-zA-Z0-9\s])/, ({ escaped }) => escaped],
  [/(?<ticks>`{1,2})(?<code>[\s\S]*?[^`])\k<ticks>(?!`)/, ({ code }) => html`<code>${code}</code>`],
  [/\*\*(?<bold>[\s\S]+?)\*\*(?!\*)/, ({ bold }) => html`<strong>${inline(bold)}</strong>`],
  [/__(?<under>[\s\S]+?)__(?!_)/, ({ under }) => html`<u>${inline(under)}</u>`],
  [/\*(?<star>[^*\s](?:[^*]*[^*\s])?)\*|(?<!\w)_(?<dash>[^_]+?)_(?!\w)/,
    ({ star, dash }) => html`<em>${inline(star || dash)}</em>`],
  [/~~(?<gone>[\s\S]+?)~~/, ({ gone }) => html`<s>${inline(gone)}</s>`],
  [/\|\|(?<hidden>[\s\S]+?)\|\|/, ({ hidden }) => html`<span class="spoiler" tabindex="0">${inline(hidden)}</span>`],
  [/<(?<kind>@!?|@&|#)(?<id>\d+)>/, ({ kind, id }) => html`<span class="mention">${nameOf(kind, id)}</span>`],
  [/(?<all>@everyone|@here)\b/, ({ all }) => html`<span class="mention">${all}</span>`],
  [/<\/(?<command>[^:>]+):\d+>/, ({ command }) => commandLink(command)],
  // a server's own emoji is named: its picture is on another host
  [/<a?:(?<emoji>\w+):\d+>/, ({ emoji }) => `:${emoji}:`],
  [/<t:(?<moment>-?\d+)(?::(?<style>[tTdDfFR]))?>/, ({ moment, style }) => time(Number(moment), style)],
  [new RegExp(`\\[(?<words>[^\\]\\n]+)\\]\\(<?(?<to>${ADDRESS})>?(?: +"[^"\\n]*")?\\)`),
    ({ words, to }) => outside(to, inline(words))],
  [new RegExp(`<(?<bare>${ADDRESS})>|(?<link>${ADDRESS})`), ({ bare, link }) => outside(bare || link, bare || link)],
];
const INLINE = new RegExp(PIECES.map(([found]) => found.source).join("|"), "g");
const KEYS = PIECES.map(([found]) => [...found.source.matchAll(/\(\?<(\w+)>/g)].map((each) => each[1]));

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

const STYLES = {
  t: { timeStyle: "short" }, T: { timeStyle: "medium" }, d: { dateStyle: "short" }, D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" }, F: { dateStyle: "full", timeStyle: "short" },
};
const SPANS = [["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

function time(moment, style = "f") {
  const date = new Date(moment * 1000);
  if (Number.isNaN(date.getTime())) return `<t:${moment}>`;
  const whole = date.toLocaleString([], STYLES.F);
  if (style !== "R") return html`<time title=${whole}>${date.toLocaleString([], STYLES[style])}</time>`;
  const away = moment - Date.now() / 1000;
  const [unit, seconds] = SPANS.find((each) => Math.abs(away) >= each[1]) ?? SPANS.at(-1);
  const words = new Intl.RelativeTimeFormat([], { numeric: "auto" }).format(Math.round(away / seconds), unit);
  return html`<time title=${whole}>${words}</time>`;
}

function piece({ groups }) {
  const at = KEYS.findIndex((names) => names.some((name) => groups[name] !== undefined));
  return PIECES[at][1](groups);
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

const ITEM = /^(?<indent> *)(?:[-*]|(?<number>\d+)\.) +(?<words>.+)$/;

// [{ indent, number, words }] of the lines of a list; a line without a sign goes on with the one above
function itemsOf(text) {
  const items = [];
  for (const line of text.trimEnd().split("\n")) {
    const found = line.match(ITEM)?.groups;
    if (found) items.push({ ...found, indent: found.indent.length });
    else items.at(-1).words += `\n${line.trim()}`;
  }
  return items;
}

function lists(items) {
  const made = [];
  for (const item of items) {
    const last = made.at(-1);
    if (last && item.indent > last.indent) last.items.at(-1).below.push(item);
    else if (last && Boolean(last.number) === Boolean(item.number)) last.items.push({ ...item, below: [] });
    else made.push({ indent: item.indent, number: item.number, items: [{ ...item, below: [] }] });
  }
  return made.map(({ number, items: own }) => html`<${number ? "ol" : "ul"} start=${number}>
    ${own.map(({ words, below }) => html`<li>${inline(words)}${lists(below)}</li>`)}<//>`);
}

// [what begins there, how it is drawn]; all but the first begin a line
const BLOCKS = [
  [/```(?:[\w+-]+\n)?\n*([\s\S]*?[^\s`][\s\S]*?)\n*```\n?/y, (words) => html`<${Code} words=${words} />`],
  [/>>> ([\s\S]+)/y, (words) => html`<blockquote>${whole(words)}</blockquote>`],
  [
    /((?:> [^\n]*(?:\n|$))+)/y,
    (lines) => html`<blockquote>${whole(lines.replace(/^> /gm, "").trimEnd())}</blockquote>`,
  ],
  [/# +([^\n]+)\n?/y, (words) => html`<h3 class="first">${inline(words)}</h3>`],
  [/## +([^\n]+)\n?/y, (words) => html`<h3 class="second">${inline(words)}</h3>`],
  [/### +([^\n]+)\n?/y, (words) => html`<h3 class="third">${inline(words)}</h3>`],
  [/-# +([^\n]+)\n?/y, (words) => html`<div class="sub">${inline(words)}</div>`],
  [/( *(?:[-*]|\d+\.) +[^\n]+(?:\n(?: *(?:[-*]|\d+\.) +[^\n]+| +[^\s][^\n]*))*\n?)/y,
    (lines) => lists(itemsOf(lines))],
];

function blockAt(text, at) {
  const begins = at === 0 || text[at - 1] === "\n";
  for (const [found, draw] of begins ? BLOCKS : BLOCKS.slice(0, 1)) {
    found.lastIndex = at;
    const match = found.exec(text);
    if (match) return { node: draw(match[1]), to: at + match[0].length };
  }
  return null;
}

function whole(text) {
  const nodes = [];
  let words = "";
  const flush = () => {
    if (words) nodes.push(html`<div class="lines">${inline(words)}</div>`);
    words = "";
  };
  for (let at = 0; at < text.length;) {
    const block = blockAt(text, at);
    if (block) {
      flush();
      nodes.push(block.node);
      at = block.to;
    } else {
      const ends = [text.indexOf("\n", at) + 1, text.indexOf("```", at + 1)].filter((end) => end > 0);
      const to = Math.min(text.length, ...ends);
      words += text.slice(at, to);
      at = to;
    }
  }
  flush();
  return nodes;
}

// A whole text: headings, lists, quotes, code blocks.
export function Markdown({ text }) {
  return html`<div class="content">${whole(text.trimEnd())}</div>`;
}

// The same on one line, with none of its blocks: for what a reply answers.
export function oneLine(text) {
  return text.replace(/```(?:[\w+-]+\n)?|^(?:#{1,3}|-#|>>>|>) +/gm, "").split(/\s+/).join(" ").trim();
}
