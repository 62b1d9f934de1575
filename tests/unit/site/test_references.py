"""Tables and figures that a text names."""

import pytest

from oneclass.site.references import linked

PAGES = {"objective_table4", "objective_tableS4", "objective_tableS5", "exposure_table4", "exposure_fig18"}


@pytest.mark.parametrize(
    ("text", "paper", "html"),
    [
        ("See Table 4.", "objective", 'See Table <a href="#objective_table4">4</a>.'),
        ("See Table 4.", "exposure", 'See Table <a href="#exposure_table4">4</a>.'),
        (
            "Tables S4, S5 and S6",
            "objective",
            'Tables <a href="#objective_tableS4">S4</a>, <a href="#objective_tableS5">S5</a> and S6',
        ),
        ("Figures 18 and 21", "exposure", 'Figures <a href="#exposure_fig18">18</a> and 21'),
        ("Table S4 of the other paper", "exposure", 'Table <a href="#objective_tableS4">S4</a> of the other paper'),
        ("Table 40, Equation 4, a < b", "objective", "Table 40, Equation 4, a &lt; b"),
        ("Table 4", "beyond", "Table 4"),
    ],
)
def test_pages_that_are_there_are_linked(text: str, paper: str, html: str) -> None:
    assert linked(text, paper, PAGES) == html
