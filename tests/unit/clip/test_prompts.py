from oneclass.clip.prompts import Prompts, normal_classes

PROMPTS = Prompts(
    ["a photo of a {label}", "a {label}"], "a photo of something", {"0": "zero", "bottle": "flawless {x}"}
)


def test_underscores_stay_unless_the_config_corrects_the_name() -> None:
    assert PROMPTS.text("a photo of a {label}", "metal_nut") == "a photo of a metal_nut"
    assert PROMPTS.text("a photo of a {label}", "0") == "a photo of a zero"


def test_braces_in_a_name_are_text() -> None:
    assert PROMPTS.text("a {label}", "bottle") == "a flawless {x}"


def test_every_prompt_stands_once() -> None:
    assert PROMPTS.texts(["0", "1"]) == [
        "a photo of a zero",
        "a photo of a 1",
        "a zero",
        "a 1",
        "a photo of something",
    ]
    assert Prompts(["{label}"], "x", {"a": "x"}).texts(["a"]) == ["x"]


def test_the_classes_whose_prompts_are_normal() -> None:
    classes = ["cat", "dog", "owl"]
    assert normal_classes("one_vs_rest", "dog", classes) == ["dog"]
    assert normal_classes("defect", "dog", classes) == ["dog"]
    assert normal_classes("leave_one_out", "dog", classes) == ["cat", "owl"]
