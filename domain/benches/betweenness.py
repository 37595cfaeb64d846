"""Betweenness of the same random graph here, in networkx and, when installed, in rustworkx.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install networkx rustworkx
    /tmp/venv/bin/python domain/benches/betweenness.py [NODES EDGES]

Prints the seconds of each, how many times longer than ours it takes, and the largest difference
of a value from ours. Fails when a difference is above 1e-9 of the largest value.
"""

import pathlib
import subprocess
import sys
import tempfile
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]


def bench(*arguments):
    """Runs a mode of the bench `atlas` and returns what it prints."""
    command = ["cargo", "bench", "--quiet", "--offline", "-p", "domain", "--bench", "atlas", "--"]
    result = subprocess.run(
        [*command, *arguments], cwd=REPOSITORY, check=True, capture_output=True, text=True
    )
    return result.stdout


def of_networkx(nodes, edges):
    """Seconds and values of networkx."""
    import networkx

    graph = networkx.DiGraph()
    graph.add_nodes_from(range(nodes))
    graph.add_edges_from(edges)
    start = time.perf_counter()
    values = networkx.betweenness_centrality(graph, normalized=False)
    return time.perf_counter() - start, [values[node] for node in range(nodes)]


def of_rustworkx(nodes, edges):
    """Seconds and values of rustworkx on one thread: fastest of five runs."""
    import rustworkx

    graph = rustworkx.PyDiGraph()
    graph.add_nodes_from(range(nodes))
    graph.add_edges_from_no_data(edges)
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        # Above the threshold it would use all cores.
        values = rustworkx.digraph_betweenness_centrality(
            graph, normalized=False, parallel_threshold=nodes + 1
        )
        seconds.append(time.perf_counter() - start)
    return min(seconds), [values[node] for node in range(nodes)]


def main():
    nodes, edges = (int(text) for text in (sys.argv[1:3] or ("5000", "12000")))
    with tempfile.TemporaryDirectory() as folder:
        graph, values = f"{folder}/graph.txt", f"{folder}/values.txt"
        bench("edges", graph, str(nodes), str(edges))
        seconds = float(bench("betweenness", graph, values))
        lines = pathlib.Path(graph).read_text().splitlines()[1:]
        pairs = [tuple(map(int, line.split())) for line in lines]
        ours = [float(line) for line in pathlib.Path(values).read_text().splitlines()]
    print(f"{nodes} nodes, {edges} edges, largest value {max(ours):.6g}")
    print(f"{'ours':<12}{seconds:>10.4f} s")
    largest = 0.0
    for name, run in (("networkx", of_networkx), ("rustworkx", of_rustworkx)):
        try:
            taken, theirs = run(nodes, pairs)
        except ImportError:
            print(f"{name:<12}skipped: not installed")
            continue
        difference = max(abs(a - b) for a, b in zip(ours, theirs, strict=True))
        largest = max(largest, difference)
        print(
            f"{name:<12}{taken:>10.4f} s{taken / seconds:>10.1f} times ours"
            f"   largest difference {difference:.3g}"
        )
    return int(largest > 1e-9 * max(1.0, *ours))


if __name__ == "__main__":
    sys.exit(main())
