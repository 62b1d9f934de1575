"""The tables and figures of paper 2 (exposure) on the best and the worst single outlier."""

from oneclass.pages.page import Page, Section
from oneclass.pages.shown_exposure import AT_RANDOM, EVOLVED, FILTERED, UNFILTERED, Gallery, Progress, Searches

SECTION = Section(
    "2.5",
    "One outlier",
    "How much can a single outlier help or harm, and which picture is it? Each is chosen by the test images, so this "
    "is an analysis and no method.",
)
TABLE, GALLERY = "tables.search:classes", "figures.galleries:draw"
ANALYSIS = "*An analysis, not a method:* the outlier is chosen by the AUROC on the test images that the table shows."
ROWS = (
    "The first row shows normal test images; then come the best single outliers for each method, then the worst. Under "
    "each is the test AUROC (%) of networks that saw it and no other, averaged over repetitions. A row shows the seven "
    "best (worst) different outliers of the whole search, the very best (worst) first."
)
LAST = "The last column is the first image as the network sees it, filtered and stretched to the full range."
COMPARED = Searches(FILTERED, EVOLVED, beside=(UNFILTERED, EVOLVED))
RANDOM = Searches(None, AT_RANDOM, beside=(None, EVOLVED))
SIZES = ((True, "32-pixel images"), (False, "larger images"))


def _by_class(number: int, of: str, filters: tuple[str, ...], small: bool, images: str) -> Page:
    """Tables 16 to 19."""
    return Page(f"exposure_table{number}", SECTION, TABLE, Searches(filters, EVOLVED, small)).about(
        f"The best and the worst single outlier by class, {images}\nThe values of {of} for single classes. {ANALYSIS}"
    )


def _all_classes(number: int, kind: str, filters: tuple[str, ...], small: bool, images: str) -> Page:
    """Figures 18 to 23."""
    return Page(f"exposure_fig{number}", SECTION, GALLERY, Gallery(filters, EVOLVED, small)).about(
        f"The best and the worst single outliers, {kind}{images}\nAll classes that were searched are shown. {ROWS}"
        f"{f' {LAST}' if kind else ''}"
    )


OUTLIER_PAGES = (
    Page("exposure_table3", SECTION, "tables.search:unfiltered", Searches(UNFILTERED, EVOLVED)).about(
        f"""The best and the worst single outlier
        How much does one outlier do? Each network is trained on normal images and a single outlier, the best or the
        worst that an evolutionary search found in the pool. In the paper HSC is above BCE at both ends. A search may
        train its networks for fewer epochs than Figure 2 does, as in the paper; the notes say for how many. Its numbers
        then compare with one another, and the best outlier may look worse than random ones do there. {ANALYSIS}"""
    ),
    Page("exposure_table4", SECTION, "tables.search:filtered", COMPARED).about(
        f"""The best and the worst single outlier, filtered images
        Table 3 on filtered images, in training and test. In the paper HSC keeps its best outlier's AUROC without the
        high frequencies and loses it without the low ones. Arrows compare with Table 3, by the rule under the table.
        {ANALYSIS}"""
    ),
    Page("exposure_table5", SECTION, "tables.search:random", RANDOM).about(
        f"""The best and the worst single outlier of a random search
        Is evolution needed? The best and the worst of outliers drawn at random, beside those of evolution. How many
        outliers each search tried is under the table. {ANALYSIS}"""
    ),
    *(
        _by_class(number, of, filters, small, images if filters == UNFILTERED else f"filtered {images}")
        for first, (small, images) in zip((16, 18), SIZES, strict=True)
        for number, of, filters in ((first, "Table 3", UNFILTERED), (first + 1, "Table 4", FILTERED))
    ),
    Page("exposure_search", SECTION, "figures.search:draw", Progress(None, EVOLVED + AT_RANDOM)).about(
        """Progress of the searches
        AUROC of the best outlier so far (upper lines) and of the worst (lower lines), by the number of different
        outliers a search has tried; each is a network trained from scratch for every repetition. Solid: evolution,
        which searches for the best and for the worst apart. Dashed: one random search, of which both ends are shown.
        Thick lines are averages over the classes, thin ones the classes. Evolution has paid off where the solid line is
        beyond the dashed one at the same number."""
    ),
    Page("exposure_fig5", SECTION, GALLERY, Gallery(UNFILTERED, EVOLVED, examples=True)).about(
        f"""The best and the worst single outliers
        {ROWS} Two classes of each search are shown, or those that the configuration names; Figures 18 and 21 have
        all."""
    ),
    Page("exposure_fig7", SECTION, GALLERY, Gallery(FILTERED, EVOLVED, examples=True)).about(
        f"""The best and the worst single outliers, filtered images
        {ROWS} {LAST} Two classes of each search are shown, or those that the configuration names; Figures 19, 20, 22
        and 23 have all."""
    ),
    Page("exposure_fig12", SECTION, GALLERY, Gallery(None, AT_RANDOM, examples=True)).about(
        f"""The best single outliers of a random search
        Figure 5 for a random search instead of evolution; it finds the worst outliers at the same time. {LAST} Two
        classes of each search are shown, or those that the configuration names."""
    ),
    *(
        _all_classes(first + step, kind, filters, small, images)
        for first, (small, images) in zip((18, 21), SIZES, strict=True)
        for step, (kind, filters) in enumerate(
            (("", UNFILTERED), ("low-pass-filtered ", ("lpf",)), ("high-pass-filtered ", ("hpf",)))
        )
    ),
)
