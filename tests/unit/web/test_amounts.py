"""How the app counts money and odds, held to Python's own exact numbers."""

import json
import random
import subprocess
from fractions import Fraction
from math import floor, prod
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
SOURCE = ROOT / "clients" / "web" / "src"
ASKED = """
import {{ amountOf, cents, kes }} from '{source}/money.ts';
import {{ moved, payout, together }} from '{source}/odds.ts';
import {{ phoneOf }} from '{source}/phone.ts';
import {{ readFileSync }} from 'node:fs';
const does = {{ cents, together, moved, phoneOf, kes: (amount) => kes({{ amount }}),
  amountOf: (text) => amountOf(BigInt(text)),
  payout: (stake, odds) => amountOf(payout(BigInt(stake), odds)) }};
const plain = (answer) => (typeof answer === 'bigint' ? String(answer) : answer);
const asked = JSON.parse(readFileSync(0, 'utf8'));
console.log(JSON.stringify(asked.map(([name, ...given]) => plain(does[name](...given)))));
"""


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The app's own functions, bundled as they are for browsers."""
    folder = tmp_path_factory.mktemp("amounts")
    (folder / "asked.mjs").write_text(ASKED.format(source=SOURCE))
    bundled = folder / "bundled.mjs"
    esbuild = ROOT / "node_modules" / ".bin" / "esbuild"
    given = ["asked.mjs", "--bundle", "--format=esm", "--platform=node", f"--outfile={bundled}"]
    subprocess.run([str(esbuild), *given], cwd=folder, check=True, capture_output=True)
    return bundled


def answers(script: Path, asked: list[list[Any]]) -> list[Any]:
    done = subprocess.run(
        ["node", str(script)], input=json.dumps(asked), check=True, capture_output=True, text=True, cwd=script.parent
    )
    return list(json.loads(done.stdout))


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (["cents", "1,250.5"], "125050"),
        (["cents", " 99 "], "9900"),
        (["cents", "-0.05"], "-5"),
        (["cents", "1.234"], None),
        (["cents", "1e3"], None),
        (["cents", ""], None),
        (["cents", "9007199254.99"], "900719925499"),
        (["amountOf", "-5"], "-0.05"),
        (["amountOf", "9007199254740993"], "90071992547409.93"),
        (["kes", "1234567.80"], "KES\u00a01,234,567.80"),
        (["kes", "-100.00"], "−KES\u00a0100.00"),
        (["moved", "1.9", "1.90"], 0),
        (["moved", "1.95", "2"], 1),
        (["moved", "10.5", "9.75"], -1),
        (["phoneOf", "0712 345 678"], "+254712345678"),
        (["phoneOf", "+254112345678"], "+254112345678"),
        (["phoneOf", "712345678"], "+254712345678"),
        (["phoneOf", "0812345678"], None),
        (["phoneOf", "07123456789"], None),
    ],
)
def test_what_people_type_and_read_is_exact(script: Path, asked: list[Any], answer: object) -> None:
    assert answers(script, [asked]) == [answer]


def test_an_estimate_is_the_exact_product_rounded_down(script: Path) -> None:
    chosen = random.Random(7)
    slips = [
        (
            chosen.randrange(1, 10**9),
            [f"{chosen.randrange(1010, 100_000) / 1000:.3f}" for _ in range(chosen.randrange(1, 15))],
        )
        for _ in range(300)
    ]
    asked = [["payout", str(stake), odds] for stake, odds in slips] + [["together", odds] for _, odds in slips]
    expected = [floor(stake * prod(map(Fraction, odds))) for stake, odds in slips]
    expected += [floor(100 * prod(map(Fraction, odds))) for _, odds in slips]
    assert [int(100 * Fraction(text)) for text in answers(script, asked)] == expected
