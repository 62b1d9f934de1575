"""How much is decoded at a time."""

from concurrent.futures import ThreadPoolExecutor

from oneclass.scoring.memory import Gate


def test_a_large_picture_is_let_in_alone() -> None:
    gate = Gate(10)
    with gate.passed(6):
        assert gate.inside == 6
    with gate.passed(99):
        assert gate.inside == 10
    assert gate.inside == 0


def test_threads_together_have_no_more_than_the_limit_and_all_get_in() -> None:
    gate, seen = Gate(10), []

    def work(amount: int) -> None:
        with gate.passed(amount):
            seen.append(gate.inside)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, [3, 7, 10, 1, 99, 5] * 20))
    assert len(seen) == 120 and max(seen) <= 10 and gate.inside == 0


def test_an_error_inside_leaves_room_for_the_next() -> None:
    gate = Gate(10)
    try:
        with gate.passed(10):
            raise ValueError
    except ValueError:
        pass
    assert gate.inside == 0
