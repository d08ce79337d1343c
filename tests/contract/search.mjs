// What the documentation's search answers: `node search.mjs SITE`, a JSON list of words on stdin; out come the first three places of each.
// The site's own worker, as the browser runs it.
import { readFileSync, readdirSync } from 'node:fs';
import { runInNewContext } from 'node:vm';

const site = process.argv[2];
const workers = `${site}/assets/javascripts/workers`;
const [name] = readdirSync(workers).filter((file) => file.startsWith('search.'));
const waiting = [];
const self = { postMessage: (message) => waiting.shift()(message) };
runInNewContext(readFileSync(`${workers}/${name}`, 'utf8'), { self });
const tell = (type, data) => new Promise((done) => { waiting.push(done); self.onmessage({ data: { type, data } }); });

const index = JSON.parse(readFileSync(`${site}/search.json`, 'utf8'));
await tell(0, index);
const found = {};
for (const words of JSON.parse(readFileSync(0, 'utf8'))) {
  const { data } = await tell(2, { input: words });
  found[words] = data.items.slice(0, 3).map(({ id }) => index.items[id].location);
}
console.log(JSON.stringify(found));
