"""Words that captions, tables and claims use, for someone who has read neither paper.

The site lists them, and links the first of them in each caption to its explanation.
"""

import re
from collections.abc import Mapping

TERMS: Mapping[str, str] = {
    "1 % rule": "When the closed form stops: as soon as 1 % of the loss on the normal training images is left. It "
    "looks at no anomalous image.",
    "Adam": "The usual way to train a network, step by step on a few images at a time; paper 1 trains its "
    "projector so.",
    "all outliers": "Every picture of the pool may be shown, others in each step of training.",
    "anomaly map": "A score for each place of an image. The image's score is the map's maximum.",
    "AUPRO": "Overlap with each defect, averaged over defects and over thresholds with at most 30 % false alarms. "
    "Small defects weigh as much as large ones; chance is 15.",
    "backbone": "A network that was trained on ordinary photographs (ImageNet) and turns an image into features.",
    "BCE-CL": "CLIP whose image network is trained further, as a classifier (BCE) of normal images against outliers.",
    "centred": "Rows of tables in which the mean feature of the normal images is subtracted first.",
    "CFA, PaDiM, PatchCore": "Methods for defects on a backbone's maps. PaDiM and PatchCore compare each place with "
    "the normal ones by a Gaussian or by the nearest neighbour; CFA trains a layer that draws features to their "
    "neighbours.",
    "closed form": "The result of paper 1's training, computed instead of trained. It is this project's and in "
    "neither paper.",
    "cosine": "How alike two features are in direction: 1 is the same direction, 0 at right angles.",
    "crossing": "The number of outliers from which on a classifier (BCE) is at least as good as HSC.",
    "CSI, GT+, MRot, ADIP, IGD": "More methods of the papers' tables. CSI tells apart shifted and unshifted views of "
    "an image; GT+ and MRot predict how an image was turned or moved; ADIP combines pretraining and outliers; IGD "
    "learns a Gaussian around features.",
    "Deep SVDD, DSVDD": "Deep support vector data description: a network that draws normal images together and sees "
    "no outliers. Deep SAD is the same with outliers, which it pushes away.",
    "DN2": "Nearest neighbours on a backbone's features, without training.",
    "docs/…": "Files of the project that made these results: look for them in its repository, in the folder docs. They "
    "are not copied here.",
    "drawn defects": "Scratches, spots and the like that a program draws on normal pictures, so that it is known "
    "where they are.",
    "ELPV, mono and poly": "Photographs of solar cells, whole or broken. Cells are monocrystalline (mono) or "
    "polycrystalline (poly): the two categories of this data set.",
    "epoch": "One pass of training over all normal images.",
    "FastFlow, STPM, DRAEM, Patch SVDD": "More methods for defects. FastFlow learns how probable features are; STPM "
    "trains a student to imitate the backbone on normal images; DRAEM learns to find defects that it draws itself; "
    "Patch SVDD draws patches that are neighbours together.",
    "feasible": "A norm of the centre, or a centre, with which AUROC is good enough: in claims, at most a point below "
    "that of norm 1; in Figure 4 of paper 1, at least what its title says.",
    "fitness": "Of an outlier, in a search: the AUROC on the test images of a network that saw it and no other.",
    "gamma (γ)": "How much the focal loss, a classifier's, looks away from images that it already tells apart; at 0 "
    "it is BCE.",
    "head": "A small network on a backbone's frozen features. Neither paper has it; it stands in where networks from "
    "scratch take too long.",
    "leave one out": "All classes but one are normal; the last is anomalous. See one vs rest.",
    "LeNet, CBAM ResNet-18": "The networks that paper 2 trains from scratch: a small one for images of 32 pixels, a "
    "larger one for 224.",
    "low-pass, high-pass": "What is left of an image: coarse shapes (low frequencies), or fine details and edges "
    "(high ones). The number is how much is removed.",
    "miniature CLIP": "A small model that stands in for CLIP here. It was trained on the digits that it is asked "
    "about, so its numbers are not those of CLIP.",
    "MS": "Mean-shifted contrastive loss: a backbone is fine-tuned to tell normal images from one another, seen from "
    "their mean.",
    "multi-scale": "Features at each place of an image, of several layers of the backbone (maps). Pooled features are "
    "one list of numbers for the whole image.",
    "N(0, 1), U(0, 1)": "How the entries of a centre are drawn: from the normal distribution, or evenly between 0 "
    "and 1.",
    "one vs rest": "One class of a data set is normal, all others are anomalous, for each class in turn.",
    "PANDA": "A backbone is fine-tuned so that normal images lie close together, and stopped early; EWC holds it near "
    "its first weights instead, OE shows it outliers.",
    "pool": "The pictures that outliers are taken from.",
    "projector": "Paper 1's method: one linear layer on a backbone's features. *Adam* is the paper's training, *full "
    "batch* takes all images at once.",
    "Protocols A, B and C": "A: one score for an image, from pooled features. B: where is the defect, from maps. C: "
    "as B, but each normal image is seen once and not kept.",
    "radial function": "How HSC turns the network's output into a distance from the origin. Pseudo-Huber, the paper's, "
    "is quadratic near the origin and straight farther out.",
    "rank correlation": "Spearman's: whether two lists of numbers are in the same order: 1 is the same, 0 no relation, "
    "−1 reversed.",
    "training": "In claims: the network of one normal class in one repetition.",
    "width": "How many channels a network has, as a share of the paper's: at 0.25 a quarter of them.",
}
NAMES = {  # in captions, by the term that explains them
    **{name: name for name in ("1 % rule", "closed form", "cosine", "radial function", "feasible", "epoch")},
    **{name: "CFA, PaDiM, PatchCore" for name in ("CFA", "PaDiM", "PatchCore")},
    **{name: "low-pass, high-pass" for name in ("low-pass", "high-pass")},
    **{name: name for name in ("MS", "PANDA", "multi-scale", "projector", "backbone", "centred")},
}
DOCS = re.compile(r"docs/\w+\.md")
TAGS = re.compile(r"(<[^>]*>)")


def anchor(term: str) -> str:
    """The id of a ``term`` in the glossary: ``term-1-rule``."""
    return "term-" + "-".join(re.findall(r"[a-z0-9]+", term.lower()))


def explained(html: str) -> str:
    """``html`` in which the first of each of ``NAMES``, and of the docs, leads to its explanation, unless it is
    part of a link."""
    html = _linked(html, DOCS, _link("docs/…"))
    for name, term in NAMES.items():
        either = re.IGNORECASE if name.islower() else re.NOFLAG
        word = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])", either)
        html = _linked(html, word, _link(term))
    return html


def _link(term: str) -> str:
    return rf'<a href="#{anchor(term)}">\g<0></a>'


def _linked(html: str, word: re.Pattern[str], link: str) -> str:
    parts, inside = TAGS.split(html), False
    for place, part in enumerate(parts):
        if place % 2:
            inside = part.startswith("<a") or (inside and part != "</a>")
        elif not inside and word.search(part):
            parts[place] = word.sub(link, part, count=1)
            break
    return "".join(parts)
