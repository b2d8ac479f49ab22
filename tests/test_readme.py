"""The README's code runs, as a reader would run it: from the top, against a sandbox."""

import re
from xml.etree import ElementTree

from code_blocks import ROOT, code_of

from synergos.sandbox import Sandbox

README = ROOT / "README.md"


def test_the_code_of_the_readme_runs(capsys):
    names = {}
    with Sandbox() as ttp:
        exec(compile(code_of(README).replace("port = 5000", f"port = {ttp.port}", 1), str(README), "exec"), names)
    names["ttp"].stop()

    *compared, accuracies = capsys.readouterr().out.splitlines()
    found = re.findall(r"^(\w[\w ]+?) {2,}(\d\.\d+)", "\n".join(compared), re.MULTILINE)
    told = ", ".join(f"{name.replace('biscoe and dream', 'together')} {float(share):.2f}" for name, share in found)
    assert f"![Accuracy: {told}.]" in README.read_text(encoding="utf-8")
    assert accuracies.count(",") == 2, "one accuracy for each of three classes"


def test_the_pictures_say_in_words_what_they_show():
    pictures = re.findall(r"^!\[(.+)\]\((.+)\)$", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(pictures) == 2
    for words, path in pictures:
        assert ElementTree.parse(ROOT / path).getroot().get("aria-label") == words


def test_the_table_of_verbs_is_the_driver_s():
    from synergos import Driver

    verbs = ("create", "read_all", "read", "update", "delete")
    rows = re.findall(r"^\|[^|]*\| `(\w+)`(?: \(v8\))? \|(.*)\|$", README.read_text(encoding="utf-8"), re.MULTILINE)
    with Driver("127.0.0.1", 5000) as driver:
        for task, cells in rows:
            told = {verb for verb, cell in zip(verbs, cells.split("|"), strict=True) if cell.strip() == "✓"}
            assert told == {verb for verb in verbs if hasattr(getattr(driver, task), verb)}, task
    assert len(rows) == 12
