"""Files of a figure: all three, whole, and the same bytes for the same data."""

from pathlib import Path

import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from oneclass.catalogue.methods import METHODS
from oneclass.figures import style

DATA = pd.DataFrame({"center_norm": [1.0, 2.0, 4.0], "mean": [1 / 3, 90.123456789, 50.0]})


def draw() -> Figure:
    figure, axis = plt.subplots(figsize=(2, 2))
    axis.plot(DATA["center_norm"], DATA["mean"], label="AUROC")
    axis.legend()
    style.center_norm_axis(axis, [1.0, 2.0, 4.0])
    return figure


def test_files(tmp_path: Path) -> None:
    style.save(draw(), DATA, tmp_path / "new" / "objective_fig3")
    names = {path.name for path in (tmp_path / "new").iterdir()}
    assert names == {"objective_fig3.svg", "objective_fig3.png", "objective_fig3.csv"}
    assert (tmp_path / "new" / "objective_fig3.png").read_bytes().startswith(b"\x89PNG")
    assert "norm of the hypersphere centre" in (tmp_path / "new" / "objective_fig3.svg").read_text()
    assert (tmp_path / "new" / "objective_fig3.csv").read_bytes() == b"center_norm,mean\n1,0.333333\n2,90.1235\n4,50\n"


def test_a_name_with_a_dot_is_kept(tmp_path: Path) -> None:
    style.save(draw(), DATA, tmp_path / "norm_0.5")
    assert {path.name for path in tmp_path.iterdir()} == {"norm_0.5.svg", "norm_0.5.png", "norm_0.5.csv"}


def test_the_same_bytes_twice(tmp_path: Path) -> None:
    for folder in "ab":
        style.save(draw(), DATA, tmp_path / folder / "figure")
    for suffix in ("svg", "png", "csv"):
        first, second = ((tmp_path / folder / f"figure.{suffix}").read_bytes() for folder in "ab")
        assert first == second


def test_digits_of_the_layout_that_are_not_drawn_are_not_in_the_file(tmp_path: Path) -> None:
    def drawn(shift: float) -> str:
        figure = Figure()
        for left in (0.1, 0.6):
            figure.add_axes((left + shift, 0.1, 0.3, 0.8)).plot([0, 1], [0, 1])
        style.save(figure, pd.DataFrame({"a": [1]}), tmp_path / "figure")
        return (tmp_path / "figure.svg").read_text()

    first = drawn(0)
    assert first == drawn(1e-12)
    assert first.count('id="clip') == 2 and first.count("url(#clip") >= 2


def test_nothing_half_written_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(figure: Figure, path: Path, **settings: object) -> None:
        Path(path).write_text("half")
        raise OSError("no space left on device")

    monkeypatch.setattr(Figure, "savefig", full)
    with pytest.raises(OSError, match="no space"):
        style.save(draw(), DATA, tmp_path / "figure")
    assert list(tmp_path.iterdir()) == []


def test_norms_are_the_ticks() -> None:
    axis = draw().axes[0]
    assert axis.get_xscale() == "log"
    assert [tick.get_text() for tick in axis.get_xticklabels()] == ["1", "2", "4"]


def test_what_was_centred_is_left_out() -> None:
    data = pd.DataFrame({"centering": ["none", "channel", "position", "none"], "value": [1, 2, 3, 4]})
    assert style.not_centered(data)["value"].tolist() == [1, 4]


def test_protocols_are_told_apart_where_there_are_two() -> None:
    data = pd.DataFrame({"dataset": ["mnist5k", "elpv", "elpv"], "protocol": [*"AAB"], "value": [1, 2, 3]})
    names = {
        ("mnist5k", "A"): "MNIST (5,000), pooled",
        ("elpv", "A"): "ELPV, pooled",
        ("elpv", "B"): "ELPV, multi-scale",
    }
    assert style.sources(data) == names
    assert [style.rows_of(data, source)["value"].tolist() for source in names] == [[1], [2], [3]]
    assert style.sources(data[:2]) == {("mnist5k", "A"): "MNIST (5,000)", ("elpv", "A"): "ELPV"}


def test_methods_come_in_the_order_of_the_catalogue() -> None:
    data = pd.DataFrame({"method": ["bce", "dsvdd", "bce", "projector"]})
    assert style.methods_in(data) == {name: METHODS[name] for name in ("projector", "dsvdd", "bce")}
    assert list(style.methods_in(pd.DataFrame({"method": [*METHODS][::-1]}))) == list(METHODS)


def test_a_deviation_ends_where_auroc_does() -> None:
    rows = pd.DataFrame({"mean": [50.0, 99.0, 2.0, 70.0], "std": [1.0, 3.0, 4.0, float("nan")]})
    low, high = style.deviation(rows)
    assert low.tolist() == [49, 96, 0, 70] and high.tolist() == [51, 100, 6, 70]


def test_a_name_is_no_formula_and_the_ticks_of_a_logarithmic_axis_are(tmp_path: Path) -> None:
    name = r"$\frac{$ & <b>"
    figure, axis = plt.subplots(figsize=(2, 2))
    axis.plot([1, 1000], [1, 2], label=name)
    axis.set(title=name, xlabel=name, xscale="log")
    axis.set_yticks([1, 2], [name, "b"])
    axis.legend()
    figure.suptitle(name)
    figure.text(0, 0, name)
    style.save(figure, DATA, tmp_path / "figure")
    drawn = (tmp_path / "figure.svg").read_text()
    assert drawn.count(r">$\frac{$ &amp; &lt;b&gt;<") == 6
    assert r">$\mathdefault" not in drawn and "<b>" not in drawn
