"""`responder train`: mails of the office's own, learnt with the project's; and how the weights come into force."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

import pytest
from click.testing import Result

from responder import learned, learning
from responder.errors import Trouble, TroubleKind
from tests.cli_office import ROOT, CliOffice, make_office, responder
from tests.servers.waiting import wait_until
from tests.watched_office import WITHIN, WatchedOffice, watched

__all__ = ["watched"]

MAIL = {"subject": "Xin báo giá", "body": "Cho em xin giá 20 bộ bàn.", "urgency": "normal"}


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliOffice:
    return make_office(tmp_path, monkeypatch)


def write(path: Path, *mails: object) -> Path:
    lines = (mail if isinstance(mail, str) else json.dumps(mail, ensure_ascii=False) for mail in mails)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


# ---------------------------------------------------------------- learning


OWN = "Mã K7-{n}: tủ trưng bày nhà mình báo đèn đỏ số {n}, nhờ xem."


def mails_of_the_office() -> list[dict[str, object]]:
    """In this office a red light is an emergency: nobody else's mails could have told so."""
    red = [{"subject": "Đèn đỏ", "body": OWN.format(n=n), "urgency": "emergency"} for n in range(15)]
    plain = [{"subject": "Đèn xanh", "body": f"Tủ số {n} báo đèn xanh, gửi để lưu.", "urgency": "normal"}
             for n in range(15)]  # fmt: skip
    return [*red, *plain]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    """Learnt once, with a small part of the project's mails, to be quick."""
    folder = tmp_path_factory.mktemp("train")
    with pytest.MonkeyPatch.context() as patch:
        small = [learning.collection(ROOT / "training" / f"{name}.jsonl") for name in ("dev", "it")]
        patch.setattr(learning, "shipped", lambda: tuple(small))
        own = write(folder / "own.jsonl", *mails_of_the_office())
        return responder("train", str(own), "--out", str(folder / "own.tsv.gz")), folder / "own.tsv.gz"


def test_what_the_own_mails_change_is_told_in_words(trained: tuple[Result, Path]) -> None:
    result, _ = trained
    assert result.exit_code == 0, result.output
    rows = {line[:34].strip(): line[34:].split("  ") for line in result.stdout.splitlines()}
    before, after = (cell.strip() for cell in rows["emergency, and found"] if cell.strip())
    assert int(before.split()[0]) < int(after.split()[0])
    assert before.endswith(" of 15")
    assert "30 mails of yours, each judged by what was learnt without it" in result.stdout


def test_it_says_how_the_weights_come_into_force(trained: tuple[Result, Path]) -> None:
    result, target = trained
    assert f"write `learned: {target}` into the config" in result.stdout
    assert len(learned.judge_of(target).rows)


def test_explain_judges_by_the_weights_that_the_config_names(
    trained: tuple[Result, Path], office: CliOffice, tmp_path: Path
) -> None:
    mail = tmp_path / "mail.eml"
    text = f"From: a@khach.example\nTo: info@congty.example\nSubject: =?utf-8?b?xJDDqG4gxJHhu48=?=\nDate: Mon, 16 Nov 2026 15:00:00 +0700\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{OWN.format(n=77)}\n"  # noqa: E501
    mail.write_bytes(text.encode())
    assert likely(office, mail, "") < likely(office, mail, f"learned: {trained[1]}")


def likely(office: CliOffice, mail: Path, more: str) -> float:
    """How sure it is of an emergency; 0 if it does not think of one."""
    office.write_config()
    with office.config.open("a", encoding="utf-8") as file:
        file.write(f"{more}\n")
    result = office.run("explain", str(mail), "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)["judged"]["labels"]
    return next((each["certainty"] for each in told if each["label"] == "emergency"), 0.0)


def test_the_packed_mails_are_those_of_the_folder() -> None:
    """Else run `make train`."""
    packed = learning.pack(sorted((ROOT / "training").glob("*.jsonl")))
    assert gzip.decompress((ROOT / "responder" / learning.SHIPPED).read_bytes()) == gzip.decompress(packed)
    assert len(packed) < 1_000_000


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "is no JSON in UTF-8 — write a mail as one line"),
        ("[]", "is no JSON object — write a mail as one line"),
        ({**MAIL, "urgency": "gấp"}, "`gấp` is no urgency — write normal, urgent or emergency"),
        ({"subject": "a", "urgency": "normal"}, '`body` is missing or no text — add `"body": "…"`'),
        ({**MAIL, "situations": "abuse"}, "`situations` is no list — write `[]`, or some of complaint"),
        ({**MAIL, "situations": ["rant"]}, "`rant` is no situation — write some of complaint"),
        ({**MAIL, "situations": ["thanks_only", "abuse"]}, "`thanks_only` stands beside something else — who also"),
        ({**MAIL, "urgencyy": "normal"}, "unknown key `urgencyy` — the keys are body"),
        (MAIL, "this mail stands in own.jsonl:1 already — take one of them out"),
    ],
)
def test_a_bad_line_is_told_with_its_place_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: object, told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write(Path("own.jsonl"), MAIL, "", line, "{")
    result = responder("train", "own.jsonl", "--out", "own.tsv.gz")
    assert result.exit_code == 1
    first, last = result.stderr.splitlines()
    assert first.startswith(f"own.jsonl:3: {told}")
    assert last.startswith("own.jsonl:4: is no JSON")
    assert not Path("own.tsv.gz").exists()


def test_a_handful_of_mails_is_too_few(tmp_path: Path) -> None:
    result = responder("train", str(write(tmp_path / "own.jsonl", MAIL)), "--out", str(tmp_path / "own.tsv.gz"))
    assert result.stderr == (
        "train: 1 mail of your own, too few to measure what they change — "
        "label 10 at least; a hundred make a difference\n"
    )


def test_without_the_extra_one_line_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "responder.learning")
    monkeypatch.setitem(sys.modules, "numpy", None)
    result = responder("train", str(write(tmp_path / "own.jsonl", MAIL)))
    assert result.exit_code == 2
    assert result.stderr == (
        "train: this command needs libraries that are not installed (numpy) — pip install 'responder[train]'\n"
    )


# ---------------------------------------------------------------- in force


def test_damaged_weights_are_a_warning_of_check(office: CliOffice, tmp_path: Path) -> None:
    (tmp_path / "own.tsv.gz").write_bytes(b"no weights")
    office.write_config()
    with office.config.open("a", encoding="utf-8") as file:
        file.write(f"learned: {tmp_path / 'own.tsv.gz'}\n")
    result = office.run("check")
    assert result.exit_code == 0
    assert "own.tsv.gz: the office's own weights cannot be used (not a file of learnt weights" in result.stdout
    assert "make them anew with `responder train`, or take `learned` out of the config" in result.stdout


def test_the_daemon_goes_on_with_the_shipped_weights_and_takes_mended_ones_at_a_reload(
    watched: WatchedOffice, trained: tuple[Result, Path], tmp_path: Path
) -> None:
    own = tmp_path / "own.tsv.gz"
    with watched.running(f"learned: {own}") as store:
        wait_until(lambda: store.open_troubles(), WITHIN, "it is on record")
        (trouble,) = store.open_troubles()
        assert trouble.kind == TroubleKind.CONFIG
        assert "cannot be used (No such file or directory): those that came with the program go on" in trouble.text
        assert judges(watched) == [learned.judge()]
        own.write_bytes(trained[1].read_bytes())
        watched.reload(f"learned: {own}")
        wait_until(lambda: not store.open_troubles(), WITHIN, "it is over")
        assert judges(watched) == [learned.judge_of(own)]
        own.write_bytes(own.read_bytes()[:-100])
        watched.reload(f"learned: {own}")
        wait_until(lambda: store.open_troubles(), WITHIN, "it is on record again")
        assert judges(watched) == [learned.judge()]


def judges(watched: WatchedOffice) -> list[object]:
    assert watched.daemon is not None
    return [desk.judge for desk in watched.daemon._desks()]


@pytest.mark.parametrize("keep", [0, 10, 5000, -3])
def test_weights_that_break_off_are_refused(tmp_path: Path, keep: int) -> None:
    whole = (ROOT / "responder" / learned.FILE).read_bytes()
    (tmp_path / "own").write_bytes(whole[:keep])
    with pytest.raises(Trouble, match="cannot be used"):
        learned.judge_of(tmp_path / "own")
