# What the rules of paper 1 share: where its files are, and what its trainers are given.

# Protocol A and, where they are run, Protocols B and C, by the folder their files are in.
PROTOCOLS = {"objective": OBJECTIVE}
if LOCALISATION:
    PROTOCOLS["localisation"] = LOCALISATION


def protocol_metrics(protocol, *methods, datasets=None, backbone=None):
    """The metrics of ``methods``, a file a method and data set; those of the section unless others are given."""
    section = PROTOCOLS[protocol]
    return [
        f"results/metrics/{protocol}/{dataset}/{backbone or section.backbone}/none/{method}.parquet"
        for method in methods
        for dataset in datasets or section.datasets
    ]


def both_protocols(*methods):
    """The metrics of ``methods`` in Protocol A and, where it is run, in Protocol B."""
    return [
        path for protocol in PROTOCOLS for path in protocol_metrics(protocol, *methods)
    ]


def protocol_parts(protocol, stage, method, dataset, only=None):
    """The files of one stage, method and data set, one a job; of the job that holds class ``only`` where it is given."""
    section = PROTOCOLS[protocol]
    folder = f"results/{stage}/{protocol}/{dataset}/{section.backbone}/none/{method}"
    suffix = {"maps": "h5", "models": "safetensors"}.get(stage, "parquet")
    return [
        f"{folder}/{part}.{suffix}"
        for part, classes in enumerate(classes_by_job(dataset, section))
        if only is None or only in classes
    ]


def figure_class(dataset, section=OBJECTIVE):
    """The class that figures of a single one show."""
    return section.figure_classes.get(dataset) or CONFIG.normal_classes(dataset)[0]


def variants_of(wildcards, section):
    """The full grid on the main backbone; on the others of Table S2 the paper's default alone."""
    if wildcards.backbone == section.backbone:
        return {
            "norms": section.norms,
            "reference_norm": section.reference_norm,
            "centers": section.centers,
        }
    norm = section.reference_norm
    return {"norms": [norm], "reference_norm": norm, "centers": ["normal"]}


def maps_input(wildcards):
    """The index, and the cached maps unless every pass computes them."""
    index = {"index": f"results/index/{wildcards.dataset}.parquet"}
    if not LOCALISATION.cache:
        return index
    store = f"results/features/{wildcards.dataset}/{wildcards.backbone}/{wildcards.filter}.h5"
    return index | {"features": store}


def map_grids(wildcards):
    """Every centre and norm for the features as they are; where they are centred, the reference alone."""
    norm = LOCALISATION.reference_norm
    alone = {"norms": [norm], "reference_norm": norm, "centers": ["normal"]}
    return {
        centring: variants_of(wildcards, LOCALISATION) if centring == "none" else alone
        for centring in LOCALISATION.centring
    }
