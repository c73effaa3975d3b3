"""Rates a file of battles with other programs, as the rows of `make bench` compare with.

    pip install arena-rank==0.1.1 choix==0.4.1 evalica==0.4.2
    python references.py arena-rank|fastchat|evalica FILE [ROUNDS]

It prints how many models were rated, so that nothing is left out. FastChat's leaderboard is no package; its rule, in
rating_systems.py of lm-sys/FastChat at 0e6d3e4, is followed here step by step with the same libraries: battles are counted by
pair and outcome, L-BFGS-B of at most 100 iterations fits them, and each round of the bootstrap draws the counts anew, on all cores.
"""

import os
import sys

for blas in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):  # many times faster with one thread each
    os.environ.setdefault(blas, "1")

import pandas as pd

OUTCOMES = {"a": 1.0, "b": 0.0, "tie": 0.5}


def arena_rank(battles, rounds):
    from arena_rank.models.bradley_terry import BradleyTerry
    from arena_rank.utils.data_utils import PairDataset

    data = PairDataset.from_pandas(battles, outcome_map=OUTCOMES.get)
    found = BradleyTerry(n_competitors=len(data.competitors)).compute_ratings_and_cis(data, ci_method="sandwich")
    return len(found["competitors"])


def evalica(battles, rounds):
    from evalica import Winner, bradley_terry

    winners = battles["winner"].map({"a": Winner.X, "b": Winner.Y, "tie": Winner.Draw})
    return len(bradley_terry(battles["model_a"], battles["model_b"], winners).scores)


def loss_and_slope(ratings, pairs, outcomes, weights):
    import numpy as np
    from scipy.special import expit

    alpha = np.log(10.0)
    chances = expit(alpha * (ratings[pairs[:, 0]] - ratings[pairs[:, 1]]))
    loss = -((np.log(chances) * outcomes + np.log(1.0 - chances) * (1.0 - outcomes)) * weights).sum()
    slope = np.zeros_like(ratings)
    np.add.at(slope, pairs, (-alpha * (outcomes - chances) * weights)[:, None] * np.array([1.0, -1.0]))
    return loss, slope


def fit(weights, pairs, outcomes, models):
    import numpy as np
    from scipy.optimize import minimize

    return minimize(loss_and_slope, np.zeros(models), args=(pairs, outcomes, weights), jac=True, method="L-BFGS-B",
                    options={"maxiter": 100, "gtol": 1e-6}).x


def fastchat(battles, rounds):
    import multiprocessing
    from functools import partial

    import numpy as np

    n = len(battles)
    numbers, models = pd.factorize(pd.concat([battles["model_a"], battles["model_b"]]))
    rows = np.column_stack([numbers[:n], numbers[n:], (2 * battles["winner"].map(OUTCOMES)).astype(int)])
    kinds, counts = np.unique(rows, return_counts=True, axis=0)
    one = partial(fit, pairs=kinds[:, :2], outcomes=kinds[:, 2] / 2.0, models=len(models))
    one(counts.astype(float))
    drawn = np.random.default_rng(0).multinomial(n, counts / n, size=rounds) / n
    with multiprocessing.Pool() as pool:
        found = np.array(list(pool.imap_unordered(one, drawn)))
    np.quantile(found, [0.025, 0.5, 0.975], axis=0)
    return found.shape[1]


if __name__ == "__main__":
    program = {"arena-rank": arena_rank, "fastchat": fastchat, "evalica": evalica}[sys.argv[1]]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 100
    print(program(pd.read_json(sys.argv[2], lines=True), rounds))
