"""The pictures of README are those that the script draws of the quickstart's cycle."""

from xml.etree import ElementTree

import pictures


def test_the_pictures_are_those_of_the_cycle() -> None:
    cycle = pictures.run_cycle()
    assert [one.by for one in cycle.trained] == ["biscoe alone", "dream alone", "together"]
    assert cycle.trained[2].accuracy > max(one.accuracy for one in cycle.trained[:2]) + 0.1
    drawn = pictures.pictures(cycle)
    assert set(drawn) == {path.name for path in pictures.FOLDER.iterdir()}
    for name, picture in drawn.items():
        assert (pictures.FOLDER / name).read_text(encoding="utf-8") == picture, "run scripts/pictures.py"


def test_the_pictures_can_be_read_aloud_and_load_nothing() -> None:
    for path in pictures.FOLDER.iterdir():
        picture = ElementTree.parse(path).getroot()
        assert picture.get("role") == "img"
        assert picture.get("aria-label")
        assert not [
            part for part in picture.iter() if {"href", "src"} & {name.rpartition("}")[2] for name in part.attrib}
        ]
