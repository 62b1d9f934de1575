"""What the catalogues say is complete, and true of the code that they name."""

import inspect
import re
from collections import Counter

import pytest

from oneclass import published
from oneclass.catalogue import records
from oneclass.catalogue.methods import METHODS, of_kind, options, published_names
from oneclass.catalogue.networks import NETWORKS
from oneclass.catalogue.records import Baseline, Comparator, Loss, Option, Trained
from oneclass.pages.catalogue import PAGES

BASELINES = of_kind(Baseline)
NAMES = [page.name for page in PAGES]
ONLY = inspect.Parameter.KEYWORD_ONLY
FUNCTIONS = {"images": "score_images", "maps": "localise"}  # of a system that is trained on images


@pytest.mark.parametrize("name", [name for name in (*of_kind(Trained), *of_kind(Comparator)) if name not in BASELINES])
def test_a_method_has_the_functions_that_its_entry_promises(name: str) -> None:
    method = METHODS[name]
    functions = {"vectors": "score_vectors", "maps": "score_maps"}
    if isinstance(method, Trained):
        functions = {"vectors": "on_vectors", "maps": "on_maps"}
    elif isinstance(method, Baseline):
        functions = FUNCTIONS
    module = records.load(method.module)
    assert {features for features, function in functions.items() if hasattr(module, function)} == set(method.features)


@pytest.mark.parametrize("name", of_kind(Baseline))
def test_a_baseline_takes_its_options_and_what_it_needs(name: str) -> None:
    method = of_kind(Baseline)[name]
    for features in method.features:
        function = getattr(records.load(method.module), FUNCTIONS[features])
        taken = {one.name: one.default for one in inspect.signature(function).parameters.values() if one.kind is ONLY}
        given = {*method.needs, *method.options} | ({"layers"} if "backbone" in method.needs else set())
        required = {option for option, default in taken.items() if default is inspect.Parameter.empty}
        assert required <= given and {*method.needs, *method.options} <= taken.keys()


@pytest.mark.parametrize("name", of_kind(Loss))
def test_a_loss_takes_its_options_and_their_defaults(name: str) -> None:
    entry = of_kind(Loss)[name]
    loss = records.load(entry.module).Loss
    loss(**{option: given.default for option, given in entry.options.items()})
    assert all(given.default in (given.values or [given.default]) for given in entry.options.values())


def test_methods_that_are_drawn_together_look_different() -> None:
    for kind in (Trained, Loss):
        looks = [(method.colour, method.marker, method.dash) for method in of_kind(kind).values()]
        assert max(Counter(looks).values()) == 1


def test_an_option_belongs_to_one_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    every = [name for loss in of_kind(Loss).values() for name in loss.options]
    assert [*options()] == every and {"radial", "gamma"} <= {*every}
    twin = Loss("twin", "Twin", module="exposure.losses.focal", options={"gamma": Option(1.0)})
    monkeypatch.setitem(METHODS, "twin", twin)
    with pytest.raises(ValueError, match="option 'gamma' of focal and of twin: rename it in one of them"):
        options()


@pytest.mark.parametrize("paper", ["objective", "exposure"])
def test_a_published_name_is_in_the_paper(paper: str) -> None:
    assert published_names(paper).keys() <= set(published.load(paper)["method"])


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_can_be_built(name: str) -> None:
    assert callable(records.load(NETWORKS[name].module).build)


def test_pages_have_names_of_their_own_that_begin_with_the_paper_s() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert all(re.fullmatch(r"(objective|exposure)_\w+", name) for name in NAMES)


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_a_page_names_a_function_and_says_what_it_shows(page: records.Any) -> None:
    module, _, function = page.build.partition(":")
    assert callable(getattr(records.load(module), function))
    assert page.kind in ("tables", "figures")
    assert page.title and page.caption.endswith((".", ")"))
    assert page.number or "_table" not in page.name


def test_a_captions_words_are_whole_sentences() -> None:
    for page in PAGES:
        assert page.caption[0].isupper() or page.caption[0] in "*`(", page.name


def test_what_computes_does_not_depend_on_the_lists() -> None:
    """A new entry runs nothing again."""
    from oneclass.provenance import PACKAGE, sources

    lists = {PACKAGE / "catalogue" / f"{name}.py" for name in ("methods", "networks")} | {*PACKAGE.glob("pages/*.py")}
    assert all(file.is_file() for file in lists)
    for package in ("objective", "exposure", "training", "search", "clip", "transfer", "features", "data"):
        modules = [*(PACKAGE / package).rglob("*.py")]
        assert modules, package
        for module in modules:
            assert not lists & set(sources(module)), module


def test_every_record_is_explained() -> None:
    for _, kind in inspect.getmembers(records, inspect.isclass):
        if kind.__module__ == records.__name__:
            assert kind.__doc__ and not kind.__doc__.startswith(f"{kind.__name__}("), kind


def test_networks_for_images_of_one_size_are_shown_the_same_stored_ones() -> None:
    """The pixel store is named by the size that it serves (``STORED_SIZES``)."""
    sizes = {(network.image_size, network.stored_size) for network in NETWORKS.values() if network.image_size}
    assert len({image_size for image_size, _ in sizes}) == len(sizes)
