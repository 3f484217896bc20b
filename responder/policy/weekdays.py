"""The days of the week as people write them, in Vietnamese and English: `sat`, `thứ Bảy`, `thu7`, `CN`."""

from __future__ import annotations

from collections.abc import Mapping

from responder.words.tokens import spell

NAMES: Mapping[str, int] = {
    name: day
    for day, names in enumerate(
        (
            "mon monday thu2 t2 thứ2 thứhai",
            "tue tuesday thu3 t3 thứ3 thứba",
            "wed wednesday thu4 t4 thứ4 thứtư",
            "thu thursday thu5 t5 thứ5 thứnăm",
            "fri friday thu6 t6 thứ6 thứsáu",
            "sat saturday thu7 t7 thứ7 thứbảy",
            "sun sunday cn chủnhật",
        )
    )
    for name in names.split()
}


def bare(text: str) -> str:
    """The letters of each word, without accents and case, however these are composed."""
    return " ".join(filter(None, (spell(word).base for word in text.split())))


_BARE: Mapping[str, int] = {bare(name): day for name, day in NAMES.items()}


def weekday_named(text: str) -> int | None:
    """Monday = 0; None for anything else."""
    return _BARE.get(bare(text).replace(" ", ""))
