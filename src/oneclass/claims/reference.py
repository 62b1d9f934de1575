"""docs/claims.md: every claim with its place, its statistic, its bar and what the papers print."""

from textwrap import fill

from oneclass.claims.catalogue import CLAIMS, THEMES
from oneclass.claims.claim import PAPERS, Claim
from oneclass.claims.page import COLUMNS, HOW, SCOPE
from oneclass.claims.printed import as_text

WIDTH = 120
INTRODUCTION = f"""# Claims

<!-- written by `make claims` from src/oneclass/claims -->

{len(CLAIMS)} claims, of both papers and ours, are tested by every run. `results/claims.html` (and `.csv`, `.md`) says
of each whether it *holds here*, *does not hold here* or *cannot be told from this run*, and why.

{fill(HOW, WIDTH)}

{fill(SCOPE, WIDTH)}

A configuration without the section that a claim needs leaves it open and names the section. Claims of paper 2 about
networks that are trained with outliers are tested on networks trained from scratch, as the paper trains them; a head on
frozen features is another method. The page tells the numbers of heads, too (`by_head`); they decide nothing.

A *training* is a class in one repetition; a search for an outlier is one, too. A claim's number is the mean over all
trainings of all data sets; the page lists that of each data set, too, and says where two of them differ by their whole
intervals, or where only one was run. Half the width of its interval is the root of two
squares: of 1.96 standard deviations over 400 resamples of the test images (within each class, the same for all that is
compared), and of Student's interval over the n trainings, from 400 resamples of these. On made-up trainings of known
truth the interval held it in 95 to 99 of 100 cases. One training alone tells nothing. An interval that covers more than
three quarters of what the number can be is in the CSV, and is not shown.

`results/claims.csv` has a row for each claim:
{fill(", ".join(f"`{name}`" for name in COLUMNS), WIDTH)}.
`here`, `low` and `high` are the number and its interval in `unit`, empty where there is none.
"""
UNTESTED = """
## What no run tests

- That c = 0 is degenerate (paper 1, Assertion 1): the configuration asks for norms above 0.
  [The closed form](closed_form.md#what-it-says-about-the-papers-assertions) says that norm 0 is as good as norm 1.
- That the method has the fewest trainable parameters (paper 1, Table 1): the page `objective_table1` counts them.
- That the method adapts to any backbone (paper 1, Table S2): the page `objective_tableS2` compares them; no bar follows
  from the paper.
- That training images that are not all normal do harm (paper 1, Limitations).
- That filters affect HSC less than BCE in general (paper 2, Appendix B): the pages `exposure_table4` and
  `exposure_fig8` to `exposure_fig11` show it.
- That outliers close to the normal class are the worst, and that HSC's choices are more alike than BCE's (paper 2,
  Section 5.4): the pages `exposure_fig5` and `exposure_fig18` show them, without a number.
- That pre-training on classes that are tested does no harm (paper 2, Section 3.3).
"""


def reference() -> str:
    """The page, in Markdown."""
    themes = [f"\n## {theme.title}\n" + "".join(map(_entry, theme.claims)) for theme in THEMES]
    return INTRODUCTION + "".join(themes) + UNTESTED


def _entry(claim: Claim) -> str:
    words = f"`{claim.name}`. *{PAPERS[claim.paper]}: {claim.place}.* {claim.statistic}"
    lines = (f"- Bar: {claim.bar} ({claim.unit})", f"- Published: {as_text(claim)}")
    return "\n".join((f"\n### {claim.title}\n", fill(words, WIDTH), "", *lines, ""))
