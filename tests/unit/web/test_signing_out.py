"""How the app signs out: a sign-in waits for it, however late Cognito answers."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[3]
AUTH = ROOT / "clients" / "web" / "src" / "api" / "auth.ts"
BUILD = """
import { build } from '%(esbuild)s';
const stubs = {
  'aws-amplify': 'export const Amplify = { configure() {} };',
  'aws-amplify/auth': `
    const { said, answers } = globalThis;
    const asked = (what) => () => { said.push(what); return new Promise((resolve) => { answers.push(resolve); }); };
    export const signOut = asked('sign out'), signIn = asked('sign in');
    export const confirmSignIn = asked(), fetchAuthSession = asked(), signUp = asked();`,
  'aws-amplify/auth/cognito': 'export const cognitoUserPoolsTokenProvider = { setClientMetadataProvider() {} };',
  '../config': "export const DEVICE = 'device'; export const config = () => ({ stage: 'dev' });",
  '../language': "export const useLanguage = { getState: () => ({ tongue: 'en' }) };",
  '../session': "export const useSession = { getState: () => ({ end() { globalThis.said.push('end'); } }) };",
};
const stubbed = {
  name: 'stubbed',
  setup(bundle) {
    bundle.onResolve({ filter: /.*/ }, ({ path }) => (path in stubs ? { path, namespace: 'stubbed' } : undefined));
    bundle.onLoad({ filter: /.*/, namespace: 'stubbed' }, ({ path }) => ({ contents: stubs[path] }));
  },
};
const play = `
import { leave, sendCode } from '%(auth)s';
const { said, answers } = globalThis;
const heard = () => new Promise((resolve) => setImmediate(resolve));
void leave(); void sendCode('+254712345678', false); await heard();
said.push('late'); answers[0](); await heard();
for (const answer of answers) answer({ nextStep: { signInStep: 'CODE' } });
await heard();
console.log(said.join());
`;
const given = {
  stdin: { contents: play, resolveDir: '%(folder)s', loader: 'ts' },
  bundle: true, format: 'esm', platform: 'node', outfile: 'played.mjs', plugins: [stubbed],
  banner: { js: 'globalThis.said = []; globalThis.answers = [];' },
};
await build(given);
"""


def test_a_sign_in_waits_for_the_sign_out_before_it_which_takes_the_tokens_away_late(tmp_path: Path) -> None:
    esbuild = ROOT / "node_modules" / "esbuild" / "lib" / "main.js"
    (tmp_path / "build.mjs").write_text(BUILD % {"esbuild": esbuild, "auth": AUTH, "folder": AUTH.parent})
    for script in ("build.mjs", "played.mjs"):
        ran = subprocess.run(["node", script], cwd=tmp_path, check=False, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == "end,sign out,late,sign out,sign in"
