"""Partners: screened before they sign, chased while they don't, never shown to one another."""

from life import Life


def test_a_partner_signs_only_after_a_clear_screening() -> None:
    life = (
        Life()
        .report("gate_decided", of="concept", decision="revise")
        .report("stage_skipped", of="concept", reason=True)
    )
    life.report("partner_approached", partner="P1")
    life.refused("partners.screened-clear", "partner_signed", partner="P1")
    life.report("partner_screened", partner="P1", result="clear").report("partner_signed", partner="P1")

    assert life.now.partners["P1"].signed


def test_an_unsigned_memorandum_is_chased_after_14_and_28_days() -> None:
    life = Life().report("stage_skipped", of="concept", reason=True)
    life.report("partner_approached", partner="P1").report("partner_screened", partner="P1", result="clear")
    life.report("mou_sent", partner="P1")

    said = [
        (e.kind, e.fields["rung"], e.fields["recipient"])
        for e in life.pass_days(50)
        if e.fields.get("ask") == "sign_mou"
    ]

    assert said == [("rung_reached", 0, "p-41"), ("rung_reached", 1, "p-41"), ("rung_reached", 2, "p-01")]
