// Parses the diagrams in Markdown files with Mermaid itself: node parse_mermaid.js FILE…
import { readFileSync } from "node:fs";
import { JSDOM } from "jsdom";

globalThis.window = new JSDOM("<!doctype html><body></body>").window;
globalThis.document = globalThis.window.document;
const { default: mermaid } = await import("mermaid");

let diagrams = 0;
let failed = 0;
for (const file of process.argv.slice(2)) {
  for (const [, source] of readFileSync(file, "utf8").matchAll(/^```mermaid\n([^]*?)^```$/gm)) {
    diagrams += 1;
    try {
      await mermaid.parse(source);
    } catch (error) {
      failed += 1;
      console.error(`${file}: ${error.message}`);
    }
  }
}
console.log(`${diagrams} diagrams parsed, ${failed} failed`);
process.exit(failed || !diagrams ? 1 : 0);
