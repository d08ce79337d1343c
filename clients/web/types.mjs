// Writes generated.ts beside each folder of operations: what they ask, as texts with the types of their variables and
// answers, from the schema's own files. The desks have a file of their own, or players would load what staff ask.
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { codegen } from '@graphql-codegen/core';
import * as operations from '@graphql-codegen/typescript-operations';
import { Kind, buildSchema, parse, print, separateOperations, stripIgnoredCharacters } from 'graphql';

const SCHEMA = new URL('../../frontend-api/schema/', import.meta.url);
const ASKING = ['src/api/', 'src/desk/api/'].map((folder) => new URL(folder, import.meta.url));
// What AppSync has and our files use; without it nobody else can read them.
const OF_APPSYNC = `
scalar AWSDate
scalar AWSDateTime
directive @aws_subscribe(mutations: [String!]!) on FIELD_DEFINITION
directive @aws_cognito_user_pools(cognito_groups: [String!]) on FIELD_DEFINITION | OBJECT
directive @aws_api_key on FIELD_DEFINITION | OBJECT
directive @aws_iam on FIELD_DEFINITION | OBJECT
`;
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

const schema = [OF_APPSYNC, await read(SCHEMA)].join('\n');
for (const folder of ASKING) {
  const written = new URL('generated.ts', folder);
  await writeFile(written, await codegen({
    filename: written.pathname,
    schema: parse(schema),
    schemaAst: buildSchema(schema),
    documents: [{ document: parse(await read(new URL('operations/', folder))) }],
    config: {
      scalars: { AWSDate: 'string', AWSDateTime: 'string' },
      inlineFragmentTypes: 'combine',
      skipTypename: true,
      strictScalars: true,
    },
    plugins: [{ operations: {} }, { questions: {} }],
    pluginMap: { operations, questions: { plugin: questions } },
  }));
}
