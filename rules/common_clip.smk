# What the rules of CLIP and of fine-tuned backbones share: which data sets a page shows, and what CLIP is given.

# Sources of 32-pixel images or smaller: one class against others is in Tables 10, 11 and 14, else in 12 and 13.
THUMBNAILS = {"cifar10", "cifar100", "fashion_mnist", "mnist5k"}


def shown_of(section, tasks=None, thumbnails=None):
    """The data sets of CLIP or of fine-tuned backbones that a page shows: of ``tasks``, thumbnails or not, if given."""
    sets = {
        name: CONFIG.datasets[name] for name in (section.datasets if section else [])
    }
    return [
        name
        for name, dataset in sets.items()
        if (tasks is None or dataset.task in tasks)
        and (thumbnails is None or (dataset.source in THUMBNAILS) == thumbnails)
    ]


def clip_files(kind, datasets):
    """Metrics of CLIP: ``zero_shot``, ``fine_tuned`` or ``prompts``."""
    return [
        f"results/metrics/clip/{dataset}/{CLIP.model}/{kind}.parquet"
        for dataset in datasets
    ]


def clip_metrics(*shown):
    """The metrics of CLIP that a page shows (see ``shown_of``)."""
    datasets = shown_of(CLIP, *shown)
    tuned = [run.dataset for run in (CLIP.runs() if CLIP else [])]
    return clip_files("zero_shot", datasets) + clip_files(
        "fine_tuned", [name for name in tuned if name in datasets]
    )


def transfer(datasets):
    """The metrics of fine-tuned backbones on ``datasets``."""
    return [
        f"results/metrics/transfer/{dataset}/{TRANSFER.backbone}.parquet"
        for dataset in datasets
    ]


def transfer_metrics(*shown):
    """The metrics of fine-tuned backbones that a page shows (see ``shown_of``)."""
    return transfer(shown_of(TRANSFER, *shown))


def transfer_size(datasets):
    """The file that holds how many numbers are trained, the same for all ``datasets``."""
    return [
        f"results/scores/transfer/{dataset}/{TRANSFER.backbone}_size.json"
        for dataset in datasets[:1]
    ]


def described(section, metrics):
    """What a reader of a table needs to know of a section some of whose ``metrics`` it shows."""
    return section.describe() if metrics else []


def transfer_pool(wildcards):
    """The index of the outliers that a data set is fine-tuned with, and which of them are kept; nothing without."""
    pool = TRANSFER.pools.get(wildcards.dataset)
    if pool is None:
        return {}
    return {
        "pool_index": f"results/index/{pool}.parquet",
        "kept": f"results/outliers/{wildcards.dataset}/{pool}/pool.parquet",
    }


# What the rules of CLIP take and make: one model is run, a miniature in several repetitions.
SHUFFLED = "shuffled"
CLIP_MODEL = CONFIG.clips[CLIP.model] if CLIP else None
REPETITIONS = CLIP_MODEL.repetitions() if CLIP else []
CLIP_MODELS = [
    f"results/models/clip/{{clip}}/{repetition}.safetensors"
    for repetition in REPETITIONS
    if CLIP_MODEL.miniature
]
EMBEDDINGS = [
    f"results/features/{{dataset}}/{{clip}}/{repetition}.h5"
    for repetition in REPETITIONS
]


def miniature_of(wildcards):
    """The settings of a miniature CLIP."""
    return CONFIG.clips[wildcards.clip].miniature


def prompts_of(wildcards):
    """What prompts are made of; a function, since Snakemake would take ``{label}`` for a wildcard."""
    return CLIP.model_dump(include={"templates", "something", "labels"})


def clip_kind(dataset):
    """The network of paper 2 whose pictures of a data set CLIP is shown."""
    [kind] = [name for name, size in SIZES.items() if size == CONFIG.side(dataset)]
    return kind


def clip_pixels(images, wildcards):
    """The pictures of a data set, or of a pool, in the size of the data set it is used with."""
    return stored_pixels(images, clip_kind(wildcards.dataset))


def tuned_with(wildcards):
    """The pool that CLIP is fine-tuned with on a data set."""
    return CLIP.fine_tuning.of(wildcards.dataset).pool


def clip_settings(dataset):
    """What ``exposure.sweep`` needs to know to give out pictures."""
    augmentation = CLIP.fine_tuning.augmentation
    return {
        "network": clip_kind(dataset),
        "width": 1,
        "augmentation": augmentation,
        "reading": "code",
    }
