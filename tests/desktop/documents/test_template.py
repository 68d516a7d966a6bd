"""A template is edited by people who do not program: each slip is told with file, item and reason."""

from __future__ import annotations

import re

import pytest

from desktop.documents.blanks import Wording
from desktop.documents.certificate import draw_certificate, sample_templates
from desktop.documents.certificate_data import LABELS
from desktop.documents.page import MM
from desktop.documents.template import QrItem, TextItem
from desktop.documents.template_file import parse_template, read_templates
from desktop.paths import resources
from domain.problems import Refusal
from tests.certificates import CERTIFICATE

SOURCE = (resources() / "templates" / "classic.toml").read_text("utf-8")


def refused(source):
    with pytest.raises(Refusal) as caught:
        parse_template(source.encode(), "自用.toml")
    return caught.value.messages()


def changed(old, new):
    assert old in SOURCE
    return SOURCE.replace(old, new, 1)


# ── blanks ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("source", "number", "filing", "printed"),
    [
        ("编号：{number}[　备案：{filing}]", "A1", "B2", "编号：A1　备案：B2"),
        ("编号：{number}[　备案：{filing}]", "A1", "", "编号：A1"),
        ("编号：{number}[　备案：{filing}]", "", "", ""),
        ("[{number}　][编号：{filing}]", "", "B2", "编号：B2"),
        ("[{number}]\n[{filing}]", "", "B2", "B2"),
        ("[{number}{filing}]", "A1", "", ""),
        ("（盖章）", "", "", "（盖章）"),
    ],
)
def test_what_is_empty_leaves_no_stray_words(source, number, filing, printed):
    assert Wording(source).fill({"number": number, "filing": filing}) == printed


def test_what_is_filled_in_is_not_read_again():
    assert Wording("{number}").fill({"number": "[{filing}]"}) == "[{filing}]"


def test_the_fixed_words_are_known_before_anything_is_filled_in():
    wording = Wording("编号：{number}[　备案：{filing}]")
    assert wording.fixed == "编号：　备案："
    assert wording.fields == ("number", "filing")
    assert wording.sound


@pytest.mark.parametrize("source", ["{number", "number}", "[{number}", "[[{number}]]", "{}", "[a]]"])
def test_a_lonely_brace_is_seen(source):
    assert not Wording(source).sound


# ── files ───────────────────────────────────────────────────────────────────────────────────────


def test_boxes_are_measured_from_the_upper_left_corner_in_millimetres():
    template = sample_templates().latest["classic"]
    (code,) = (item for item in template.items if isinstance(item, QrItem))
    assert code.box.left == pytest.approx(39.25 * MM)
    assert code.box.bottom == pytest.approx((210 - 149.5 - 28.5) * MM)
    assert template.photo_ratio == pytest.approx(35 / 45)


@pytest.mark.parametrize("template", sample_templates().latest.values(), ids=lambda one: one.id)
def test_every_design_prints_every_field_a_certificate_must_have(template):
    named = {name for item in template.items if isinstance(item, TextItem) for name in item.wording.fields}
    assert named >= LABELS.keys() - {"signer"}
    assert any(isinstance(item, QrItem) and item.box.width >= 28.5 * MM - 0.01 for item in template.items)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('style = "name"', 'style = "nam"', "第 5 个条目（text）：[styles] 中没有“nam”，可用：title、"),
        ('"{holder}"', '"{name}"', "没有字段“name”，可用：title、number、"),
        ('"{holder}"', '"{holder"', "“{holder”中的 { } 或 [ ] 不成对"),
        ('fit = "line"\n', 'fit = "lines"\n', "fit = “lines”无效，可用：line、two-lines、box"),
        (
            'kind = "seal"',
            'kind = "stamp"',
            "kind = “stamp”无效，可用：text、photo、qr、seal、rule、signature",
        ),
        ("box = [36, 73.5, 35, 45]", "box = [36, 73.5, 35]", "box 应为 4 个数：[左，上，宽，高]，单位毫米"),
        ("box = [36, 73.5, 35, 45]", "box = [280, 73.5, 35, 45]", "box 超出纸面 297×210 毫米"),
        ("box = [36, 73.5, 35, 45]", "box = [36, 73.5, 0, 45]", "box 的宽和高应大于 0"),
        ("box = [39.25, 149.5, 28.5, 28.5]", "box = [39, 149, 28, 26]", "二维码应为正方形"),
        ("box = [39.25, 149.5, 28.5, 28.5]", "box = [39, 149, 15, 15]", "二维码至少 20 毫米见方"),
        ('ink = "#214261"', 'ink = "blue"', '[ornament]：ink 应为颜色，例如 ink = "#214261"'),
        ('kind = "woven"', 'kind = "wave"', "kind = “wave”无效，可用：woven、fretted、ruled、bare"),
        ("size = 36", "size = 360", "[styles] title：size 应为 4 到 120 的数，现为 360"),
        ("size = 36", "seize = 36", "没有“seize”这一项，可用："),
        ("size = 36", "seize = 36", "缺少 size"),
        ('font = "Song"', 'font = "SimSun"', "font = “SimSun”无效，可用：Song、Hei、Kai"),
        ('id = "classic"', 'id = "我的"', "id = “我的”应为小写字母、数字和连字符"),
        ("revision = 1", 'revision = "1"', "revision 应为 1 到 9999 的数"),
        ("page = [297, 210]", "page = [29.7, 21]", "page 的宽和高应在 70 到 600 毫米之间"),
        ('role = "H1"', 'role = "P"', '没有标题：请给一个条目写上 role = "H1"'),
        ("label = ", "name = ", "没有“name”这一项"),
        ("revision = 1", "revision = 1.5", "revision 应为整数，现为 1.5"),
        ('"{holder}"', '"𡋾{holder}"', "第 5 个条目（text）：“𡋾”（U+212FE）没有字体可印"),
        ('empty = "照片"', 'empty = "𡋾"', "第 4 个条目（photo）：“𡋾”（U+212FE）没有字体可印"),
        ("title = {", "title = 3 # {", "[styles] title：应为表"),
        ('kind = "seal"\n', "", "缺少 kind"),
        ("\n[styles]", "\n[style]", "缺少 styles"),
        ("\n[styles]", "\n[style]", "没有“style”这一项"),
        ('empty = "照片"', "empty = 1", "empty 应为文字"),
        ("page = [297, 210]", "page = [297, 210", "不是有效的 UTF-8 TOML"),
    ],
)
def test_a_slip_is_told_with_its_place(old, new, said):
    messages = refused(changed(old, new))
    assert any(said in message for message in messages), messages
    assert all(message.startswith("模板 自用.toml") for message in messages)


def test_a_wrong_kind_is_one_slip():
    assert len(refused(changed('kind = "seal"', 'kind = "stamp"'))) == 1


def test_items_are_a_list():
    head = SOURCE.partition("[[item]]")[0].replace("page =", "item = 3\npage =")
    assert any("条目应写成 [[item]]" in message for message in refused(head))


def test_all_slips_are_told_at_once():
    source = changed('style = "name"', 'style = "nam"').replace("{sex}", "{gender}")
    assert len(refused(source)) == 2


def test_a_file_that_is_not_text_is_refused():
    with pytest.raises(Refusal, match="UTF-8"):
        parse_template("id = “经典”".encode("gb18030"), "自用.toml")


def test_a_copy_of_ones_own_is_printed_like_any_other():
    own = changed('id = "classic"', 'id = "my-base"').replace("证书编号：", "编号：")
    template = parse_template(own.encode(), "自用.toml")
    assert template.key == "my-base@1"
    assert template.sha256 != sample_templates().latest["classic"].sha256
    assert draw_certificate(CERTIFICATE, template).content.startswith(b"%PDF-1.7")


def test_paper_with_a_printed_frame_gets_none():
    bare = parse_template(changed('kind = "woven"', 'kind = "bare"').encode(), "套打.toml")
    assert len(draw_certificate(CERTIFICATE, bare).content) < len(draw_certificate(CERTIFICATE).content)


def test_old_revisions_stay_at_hand(tmp_path):
    for revision in (1, 2, 10):
        (tmp_path / f"{revision}.toml").write_text(
            changed("revision = 1", f"revision = {revision}"), encoding="utf-8"
        )
    templates = read_templates(resources() / "templates", tmp_path / "none")
    assert templates.find("classic@1").key == "classic@1"
    templates = read_templates(tmp_path)
    assert templates.latest["classic"].revision == 10
    assert templates.find("classic@2").revision == 2
    with pytest.raises(Refusal, match=re.escape("找不到证书模板“classic@3”")):
        templates.find("classic@3")


def test_two_files_may_not_claim_the_same_revision(tmp_path):
    for name in ("a.toml", "b.toml", "c.toml"):
        (tmp_path / name).write_text(SOURCE, encoding="utf-8")
    (tmp_path / "d.toml").write_text("page = 1", encoding="utf-8")
    with pytest.raises(Refusal) as caught:
        read_templates(tmp_path)
    messages = caught.value.messages()
    assert "模板 b.toml：与另一个文件同为“classic@1”，请改 id 或 revision" in messages
    assert any(message.startswith("模板 d.toml：缺少 id") for message in messages)
