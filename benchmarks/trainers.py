"""Time and AUROC of every way to train the paper's projectors, against Algorithm 1 taken literally, one by one."""

from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from functools import partial
from statistics import fmean

from benchmarks import inputs, timing
from benchmarks.methods import Aurocs, Problem
from oneclass import config as configuration
from oneclass.objective.job import Training
from oneclass.objective.variants import Variant, grid
from oneclass.training.trials import Seeds


def row(
    name: str, timed: timing.Timed[Aurocs], oracle: timing.Timed[Aurocs], variants: list[Variant]
) -> dict[str, object]:
    """One method in the table; times of fewer projectors than ``variants`` stand for all of them."""
    aurocs = timed.result
    each, literal = timed.seconds / len(aurocs), oracle.seconds / len(oracle.result)
    norms = sorted({v.center_norm for v in variants if v.center_norm is not None})
    by_norm = {norm: [aurocs[v] for v in aurocs if v.center_norm == norm] for norm in norms}
    return {
        "method": name,
        "timed projectors": len(aurocs),
        "s a projector": each,
        "s for all": each * len(variants),
        "times faster": literal / each,
        "largest AUROC difference": max(abs(aurocs[v] - oracle.result[v]) for v in aurocs.keys() & oracle.result),
    } | {f"AUROC, norm {norm:g}": fmean(values) if values else "" for norm, values in by_norm.items()}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = ArgumentParser(description=__doc__)
    inputs.add_arguments(parser)
    parser.add_argument("--features", help="an existing feature store of the data set (made and kept if not given)")
    parser.add_argument("--repetitions", type=int, default=2, help="of every norm (%(default)s)")
    parser.add_argument("--literal", type=int, help="train only this many one by one, to stand for all")
    options = timing.parse(parser, arguments, rounds=2)
    config = configuration.read(options.config)
    paper = config.objective
    assert paper, f"{options.config} has no section 'objective'"
    data = inputs.read_class(config, options, options.features)
    variants = grid(paper.center_norms, paper.default_center_norm, ["gaussian"], options.repetitions)
    training, seeds = Training(**paper.training(options.dataset)), Seeds(config.seed, options.dataset)
    problem = Problem(data, variants, training, seeds, paper.memory_mb)
    sides: dict[str, Callable[[], Aurocs]] = {
        "one by one, 1x1 convolution": partial(problem.one_by_one, "conv1x1", options.literal),
        "one by one, linear": partial(problem.one_by_one, "linear", options.literal),
        "batched": problem.batched,
        "full batch": problem.full_batch,
        "closed form": problem.closed_form,
    }
    timed = timing.compare(sides, options.rounds)
    count, size = data.train.shape
    print(f"{options.dataset} {options.normal}: {count} images of {size} features, {len(variants)} projectors\n")
    oracle = timed["one by one, 1x1 convolution"]
    print(timing.table([row(name, side, oracle, variants) for name, side in timed.items()]))


if __name__ == "__main__":
    main()
