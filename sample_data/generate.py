"""Make the sample desk again: `python -m sample_data.generate [--out DIR] [--seed N]`.

The committed files are the reference; fonts and image libraries of other releases may give other pixels, never other
labels.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from sample_data.generator import harbour, kestrel, lumen, northwind
from sample_data.generator.desk import Desk

HERE = Path(__file__).parent
SEED = 20261103


def generate(out: Path, seed: int = SEED) -> Desk:
    """Lay out the whole desk under `out`; an inbox that is there already is replaced."""
    shutil.rmtree(out / "inbox", ignore_errors=True)
    desk = Desk(out, seed)
    for client in (northwind, harbour, lumen, kestrel):
        client.fill(desk)
    desk.close()
    return desk


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=HERE)
    parser.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args()
    desk = generate(arguments.out, arguments.seed)
    print(f"{len(desk.provenance)} files, {len(desk.labels)} labelled documents")


if __name__ == "__main__":
    main()
