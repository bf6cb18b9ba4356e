"""What has changed between two texts."""

from api.console.difference import Change, Piece, difference

SAME, ADDED, GONE = Change.SAME, Change.ADDED, Change.GONE


def test_chinese_is_compared_by_characters_and_numbers_whole() -> None:
    found = difference("约两千户停水，18时前恢复。", "约2100户停水，20时前恢复。")
    assert found == (
        Piece(SAME, "约"),
        Piece(GONE, "两千"),
        Piece(ADDED, "2100"),
        Piece(SAME, "户停水，"),
        Piece(GONE, "18"),
        Piece(ADDED, "20"),
        Piece(SAME, "时前恢复。"),
    )


def test_both_texts_can_be_read_from_the_difference() -> None:
    old, new = "一、原因\n\n排查中。\n二、措施\n", "一、原因\n已查明。\n\n三、恢复时间\n二、措施\n"
    found = difference(old, new)
    assert "".join(p.text for p in found if p.change is not ADDED) == old
    assert "".join(p.text for p in found if p.change is not GONE) == new


def test_a_single_character_that_stayed_between_changes_is_read_with_them() -> None:
    assert [p.change for p in difference("甲的乙", "丙的丁")] == [GONE, ADDED]


def test_nothing_changed_is_one_piece_and_nothing_at_all_is_none() -> None:
    assert difference("供水已恢复。", "供水已恢复。") == (Piece(SAME, "供水已恢复。"),)
    assert difference("", "") == ()


def test_a_paragraph_too_long_to_compare_is_shown_as_taken_out_and_put_in() -> None:
    old, new = "甲" * 3000, "乙" * 3000
    assert difference(old, new) == (Piece(GONE, old), Piece(ADDED, new))
