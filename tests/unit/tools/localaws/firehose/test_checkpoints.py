from __future__ import annotations

import pytest

from tools.errors import LakeError
from tools.localaws.firehose.checkpoints import CheckpointFile
from tools.localaws.firehose.interfaces import BlockedError, Progress

ARN = "arn:aws:firehose:us-east-1:111111111111:deliverystream/blog"


def test_progress_survives_the_process(tmp_path):
    progress = Progress({"shard": "0042"}, delivered_records=7, last_delivery=12.5)
    CheckpointFile(tmp_path, ARN, 1.0).save(progress)
    assert CheckpointFile(tmp_path, ARN, 1.0).load() == progress


def test_a_delivery_stream_made_again_starts_afresh(tmp_path):
    CheckpointFile(tmp_path, ARN, 1.0).save(Progress({"shard": "0042"}))
    assert CheckpointFile(tmp_path, ARN, 2.0).load() == Progress()


def test_delivery_streams_of_one_name_in_other_accounts_and_regions_do_not_meet(tmp_path):
    CheckpointFile(tmp_path, ARN, 1.0).save(Progress({"shard": "0042"}))
    for other in (ARN.replace("us-east-1", "eu-west-1"), ARN.replace("111111111111", "222222222222")):
        CheckpointFile(tmp_path, other, 1.0).save(Progress({"shard": "0001"}))
    assert CheckpointFile(tmp_path, ARN, 1.0).load().positions == {"shard": "0042"}


def test_a_damaged_checkpoint_says_where_and_what_to_do(tmp_path):
    CheckpointFile(tmp_path, ARN, 1.0).save(Progress())
    (file,) = tmp_path.iterdir()
    file.write_text("{garbage")
    with pytest.raises(LakeError, match=rf"{file.name}.*not JSON.*remove it"):
        CheckpointFile(tmp_path, ARN, 1.0).load()


def test_one_digit_that_is_wrong_anywhere_is_damage_and_no_other_progress(tmp_path):
    CheckpointFile(tmp_path, ARN, 1.0).save(Progress({"shard": "0042"}, delivered_records=42))
    (file,) = tmp_path.iterdir()
    whole = file.read_text()
    digits = [position for position, letter in enumerate(whole) if letter.isdigit()]
    assert len(digits) > 40
    for position in digits:
        other = str((int(whole[position]) + 1) % 10)
        file.write_text(whole[:position] + other + whole[position + 1 :])
        with pytest.raises(LakeError, match=rf"{file.name} is damaged.*remove it"):
            CheckpointFile(tmp_path, ARN, 1.0).load()


def test_a_write_that_fails_leaves_the_former_checkpoint(tmp_path, monkeypatch):
    checkpoint = CheckpointFile(tmp_path, ARN, 1.0)
    checkpoint.save(Progress({"shard": "0001"}))

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(BlockedError, match=r"json cannot be written \(No space left"):
        checkpoint.save(Progress({"shard": "0002"}))
    assert checkpoint.load().positions == {"shard": "0001"}
    assert len(list(tmp_path.iterdir())) == 1
