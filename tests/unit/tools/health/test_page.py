from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

from tests.unit.tools.health.test_judging import NOW, hop, points
from tools.health import judging, page
from tools.health.judging import Commands
from tools.health.measured import FunctionMeasured, Measured, ReplicaMeasured
from tools.health.metrics import SPAN, Series


def shown(path, name="orders"):
    measured = Measured(NOW, {name: path}, FunctionMeasured("Active", "3", invocations=points((5, 12))))
    return page.page("single-account", measured, judging.judge(measured, Commands("single-account")))


def test_a_hop_is_drawn_in_the_colour_of_its_worst_finding():
    drawn = shown(hop("table", destination="DISABLED"))

    assert drawn.index('<g class="broken">') < drawn.index("DynamoDB table")
    assert drawn.count('<g class="broken">') == 1
    assert drawn.count('<g class="well">') == 4
    assert "changes from now on never reach the lake" in drawn


def test_names_from_an_account_cannot_become_markup():
    drawn = shown(hop("table", status="<script>"), name="<b>orders</b>")

    assert "<script>" not in drawn
    assert "<b>" not in drawn
    HTMLParser().feed(drawn)


def test_a_plot_has_a_bar_for_each_point_in_its_place_and_height():
    end = datetime(2026, 1, 31, 12, tzinfo=UTC)
    bars = page.bars(Series(((end - SPAN, 5.0), (end - SPAN / 2, 10.0), (end - timedelta(0), 0.0))), end)

    assert bars == f"M0.0,48 v-24.0 M{page.WIDTH / 2:.1f},48 v-48.0 M{page.WIDTH:.1f},48 v-1.0"


def test_only_metrics_with_points_are_plotted():
    assert shown(hop("delivery", delivered=points((5, 40)))).count("<figure>") == 2


def test_the_replica_is_a_row_with_plots_beside_the_data_path():
    replica = ReplicaMeasured("copy", "us-west-2", failed=points((5, 2)), latency=points((5, 90)))
    measured = Measured(NOW, {"orders": hop("table")}, replica=replica)

    drawn = page.page("single-account", measured, judging.judge(measured, Commands("single-account")))

    assert '<td class="warning">replica</td><td>failing</td><td></td><td>1 min 30 s</td>' in drawn
    assert "<td>copy in us-west-2, 2 failed</td>" in drawn
    assert "replica: latency, s" in drawn
