"""Places of sixteen elements, searched for the least of the worst active reflection.

    python benchmarks/array_positions.py [moves] [FOLDER]

Crossed bow-ties of 7 m on sourcebook_highland in a disc of 60 m across, centres at least 8 m
apart, draft meshes: the shipped arrays/station_places.toml.  Printed are the best, median and worst
of fifty random layouts, what moving one element after the other makes of the best, and processor
seconds of a layout of either kind.  FOLDER keeps the search, which goes on from there.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import lunar_antenna as la


def main() -> None:
    moves = int(sys.argv[1]) if len(sys.argv) > 1 else None
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else None
    resume = folder is not None and (folder / "layouts.jsonl").is_file()
    started = time.process_time()
    told = -1.0

    def progress(fraction: float, message: str) -> None:
        nonlocal told
        if fraction > told + 0.05:
            told = fraction
            print(f"{message}, {time.process_time() - started:.0f} s", flush=True)

    found = la.arrange("station_places", moves=moves, out=folder, resume=resume, progress=progress)
    document = found.to_dict()
    random, made = document["random"], document["moves"]
    print(f"grid of 14 m: {document['own']:.4f}")
    print(
        f"{random['count']} random layouts: best {random['best']:.4f}, median "
        f"{random['median']:.4f}, worst {random['worst']:.4f}; {random['seconds_per_layout']:.2f} "
        "s of a core each"
    )
    print(
        f"{made['count']} moves: {found.value:.4f}, {made['seconds_per_layout']:.3f} s of a core "
        f"each; solved with losses and errors stated {found.solved:.4f}"
    )
    print(f"{time.process_time() - started:.0f} s in all")


if __name__ == "__main__":
    main()
