// Apollo's cache with its defaults: writes what was asked and what was pushed, in order, and prints what the app then shows.
// stdin: {"written": [{"query": "…", "data": {…}}, …], "read": "…"}
import { readFileSync } from 'node:fs';
import { InMemoryCache } from '@apollo/client/cache';
import { addTypenameToDocument } from '@apollo/client/utilities';
import { parse } from 'graphql';

const { written, read } = JSON.parse(readFileSync(0, 'utf8'));
const cache = new InMemoryCache();
for (const { query, data } of written) cache.write({ dataId: `ROOT_${query.match(/\w+/)[0].toUpperCase()}`, query: addTypenameToDocument(parse(query)), result: data });
console.log(JSON.stringify(cache.readQuery({ query: parse(read) })));
