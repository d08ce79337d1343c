// Writes generated.ts beside each folder of operations: what they ask, as texts with the types of their variables and
// answers, from the schema in one piece as it is published. The desks have a file of their own, or players would load what staff ask.
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { codegen } from '@graphql-codegen/core';
import * as operations from '@graphql-codegen/typescript-operations';
import { Kind, buildASTSchema, parse, print, separateOperations, stripIgnoredCharacters } from 'graphql';
import { SCALARS, current } from '../../tools/api_schema.js';

const ASKING = ['src/api/', 'src/desk/api/'].map((folder) => new URL(folder, import.meta.url));
const TEXT = `
/** A question to the API: its text, which knows the types of its variables and of its answer. */
export type Question<Answer, Variables> = string & { readonly of?: (variables: Variables) => Answer };
`;

async function read(folder) {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.graphql')).sort();
  return (await Promise.all(names.map((name) => readFile(new URL(name, folder), 'utf8')))).join('\n');
}

/** Each operation with the fragments that it uses, as short as it can be written. */
function questions(schema, documents) {
  return TEXT + documents.flatMap(({ document }) => Object.entries(separateOperations(document))).map(([name, own]) => {
    const { operation } = own.definitions.find(({ kind }) => kind === Kind.OPERATION_DEFINITION);
    const type = `${name}${operation[0].toUpperCase()}${operation.slice(1)}`;
    const text = JSON.stringify(stripIgnoredCharacters(print(own)));
    return `export const ${name}: Question<${type}, ${type}Variables> = ${text};`;
  }).join('\n');
}

const schema = current();
for (const folder of ASKING) {
  const written = new URL('generated.ts', folder);
  await writeFile(written, await codegen({
    filename: written.pathname,
    schema,
    schemaAst: buildASTSchema(schema),
    documents: [{ document: parse(await read(new URL('operations/', folder))) }],
    config: {
      scalars: SCALARS,
      inlineFragmentTypes: 'combine',
      skipTypename: true,
      strictScalars: true,
    },
    plugins: [{ operations: {} }, { questions: {} }],
    pluginMap: { operations, questions: { plugin: questions } },
  }));
}
