# What the rules of the searches for single outliers share.

from oneclass.filters import Filter


def searches(networks=None, filters=None, directions=None):
    """The histories of the searches that a page shows: of all networks, kinds of filters and directions, or of these."""
    return [
        f"results/search/{run.dataset}/{run.pool}/{run.network}/{name}/{method}/{normal}_{direction}.parquet"
        for run in (SEARCH.runs if SEARCH else [])
        if networks is None or run.network in networks
        for name in run.filters
        if filters is None or Filter.parse(name).kind in filters
        for method in SEARCH.methods
        for normal in run.classes or CONFIG.normal_classes(run.dataset)
        for direction in SEARCH.directions
        if directions is None or direction in directions
    ]


def searched_indexes(networks=None):
    """The indexes of the data sets and pools of those searches."""
    runs = [run for run in SEARCH.runs if networks is None or run.network in networks]
    images = {name for run in runs for name in (run.dataset, run.pool)}
    return [f"results/index/{name}.parquet" for name in sorted(images)]
