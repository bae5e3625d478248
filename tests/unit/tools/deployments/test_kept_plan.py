from __future__ import annotations

import pytest

from tests.unit.tools.deployments.test_deployment import deployment
from tools.deployments import kept_plan
from tools.deployments.settings import Claim
from tools.errors import LakeError

CLAIM = Claim("111111111111", "eu-west-1", "lake", ("orders",))


@pytest.fixture
def kept(tmp_path):
    """A deployment, the file that it keeps plans in, and a plan there that was kept."""
    place = deployment(tmp_path)
    file = place.data_folder / "lake.tfplan"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"a plan")
    kept_plan.keep(place, file, CLAIM)
    return place, file


def test_a_kept_plan_is_found_with_what_it_will_hold_also_as_a_copy(kept, tmp_path):
    place, file = kept
    copy = tmp_path / "reviewed.tfplan"
    copy.write_bytes(file.read_bytes())

    assert kept_plan.find(place, file, file).claim == CLAIM
    assert kept_plan.find(place, copy, file).claim == CLAIM


def test_a_plan_that_was_made_since_then_is_not_the_kept_one(kept):
    place, file = kept
    file.write_bytes(b"a plan that nobody kept")

    with pytest.raises(LakeError, match=r"is not the plan that consumer --deployment prod kept last.*plan again"):
        kept_plan.find(place, file, file)


def test_a_plan_of_another_deployment_is_refused(kept, tmp_path):
    place, file = kept
    other = tmp_path / "other.tfplan"
    other.write_bytes(b"the plan of another")

    with pytest.raises(LakeError, match="is not the plan that"):
        kept_plan.find(place, other, file)


def test_a_plan_that_was_applied_is_gone(kept, tmp_path):
    place, file = kept
    copy = tmp_path / "reviewed.tfplan"
    file.rename(copy)

    with pytest.raises(LakeError, match="no plan that was kept, or it was applied"):
        kept_plan.find(place, copy, file)


@pytest.mark.parametrize("content", ["{}", "not JSON", None])
def test_without_what_was_written_down_beside_it_no_plan_is_taken(kept, content):
    place, file = kept
    beside = file.with_name("lake.tfplan.json")
    beside.unlink() if content is None else beside.write_text(content)

    with pytest.raises(LakeError, match="plan again, with --plan-only"):
        kept_plan.find(place, file, file)


def test_a_file_that_is_not_there_is_named(kept, tmp_path):
    place, file = kept

    with pytest.raises(LakeError, match=r"there is no file .*nothing\.tfplan"):
        kept_plan.find(place, tmp_path / "nothing.tfplan", file)
