"""The README's code runs, as a reader would run it: from the top, against a sandbox."""

import re
from pathlib import Path

from synergos.sandbox import Sandbox

README = Path(__file__).resolve().parents[1] / "README.md"


def test_the_code_of_the_readme_runs(capsys):
    text = README.read_text(encoding="utf-8")
    code = "\n".join(re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    with Sandbox() as ttp:
        exec(compile(code.replace("port = 5000", f"port = {ttp.port}", 1), str(README), "exec"), {})

    accuracies, validated, names, first, second, best, sent, typed, error, *rest, others = (
        capsys.readouterr().out.splitlines()
    )
    ends = next(place for place, line in enumerate(rest) if line.endswith("global_model.pt"))
    long_work, results = rest[: ends + 1], rest[ends + 1 :]
    assert accuracies.count(",") == 2, "one accuracy for each of three classes"
    assert validated == "biscoe"
    assert names.split() == ["run_id", "state", "accuracy", "lr", "batch_size"]
    assert first.split()[1] == second.split()[1] == "done"
    assert len(best.split()) == 2
    assert sent == typed == "test_project"
    assert error.startswith("[projects.read] 404 Project 'test_projekt' does not exist! Did you mean 'test_project'?")
    assert long_work[0].split() == [
        *("expt_id", "run_id", "participant_id", "class"),
        *("accuracy", "f_score", "roc_auc_score", "pr_auc_score", "TPRs", "PPVs"),
    ]
    assert long_work[4:5] == [accuracies]
    assert re.fullmatch(r"(running|done) \d.*", long_work[-2])
    assert long_work[-1].endswith("global_model.pt")
    assert results[0] == "project 'test_project': 1 run, by accuracy"
    assert "0.001 test_run" in results
    assert "all: training (loss over round)" in results
    assert others == "[]"


def test_the_table_of_verbs_is_the_driver_s():
    from synergos import Driver

    verbs = ("create", "read_all", "read", "update", "delete")
    rows = re.findall(r"^\|[^|]*\| `(\w+)`(?: \(v8\))? \|(.*)\|$", README.read_text(encoding="utf-8"), re.MULTILINE)
    with Driver("127.0.0.1", 5000) as driver:
        for task, cells in rows:
            told = {verb for verb, cell in zip(verbs, cells.split("|"), strict=True) if cell.strip() == "✓"}
            assert told == {verb for verb in verbs if hasattr(getattr(driver, task), verb)}, task
    assert len(rows) == 12
