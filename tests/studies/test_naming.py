"""How often a planted fault is told by its name: what is counted."""

from studies.naming import Named, rates


def test_a_fault_without_a_name_is_no_right_one_and_another_name_is_counted() -> None:
    found = [Named("a", "a", ""), Named("b", "", "a"), Named("c", "a", "a"), Named("d", "d", "")]

    named, left_out = rates(found)

    assert named == "2 of 4 faults named, 1 by another's name"
    assert left_out == "2 of 4 named as another where their own line is left out"
